import RealModule

extension Schedule {
  /// α aᵗ⁻¹.
  public struct Exponential: ScheduleFunction {
    public var α, factor: Double
    public init(_ α: Double, factor: Double) { (self.α, self.factor) = (α, factor) }

    public static let form = "exponential(α, factor=a)"
    public init(_ arguments: inout ScheduleArguments) throws(ScheduleError) {
      α = try arguments.number("α")
      factor = try arguments.number("factor")
    }
    public var arguments: [String] { ["\(α)", "factor=\(factor)"] }
    public func value(at t: Int) -> Double { α * Double.pow(factor, Double(t - 1)) }
    public var range: ClosedRange<Double> {
      factor <= 1 ? .between(factor == 1 ? α : 0, α) : .between(α, α * .infinity)
    }
    public var problem: String? { factor > 0 ? nil : "factor must be positive" }

    public func oneMinusProduct(through t: Int) -> Double {
      guard α != 0 else { return 1 }
      let sum = Double(t) * Double.log(α) + Double(t) * Double(t - 1) / 2 * Double.log(factor)
      return -Double.expMinusOne(sum)
    }
  }

  /// α aᵗ⁻¹, a > 0. With α = β₁ and a = λ it is the decaying β₁ of Adam's theorem 4.1.
  public static func exponential(_ α: Double, factor: Double) -> Schedule { Schedule(Exponential(α, factor: factor)) }
}
