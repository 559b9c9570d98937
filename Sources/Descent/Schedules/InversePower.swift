import RealModule

extension Schedule {
  /// α ÷ √t: the convex theory's rate (Adam, theorem 4.1).
  public struct InverseSquareRoot: ScheduleFunction {
    public var α: Double
    public init(_ α: Double) { self.α = α }

    public static let form = "inversesqrt(α)"
    public init(_ arguments: inout ScheduleArguments) throws(ScheduleError) { α = try arguments.number("α") }
    public var arguments: [String] { ["\(α)"] }
    public func value(at t: Int) -> Double { α / Double(t).squareRoot() }
    public var range: ClosedRange<Double> { .between(0, α) }
  }

  /// α ÷ t.
  public struct Inverse: ScheduleFunction {
    public var α: Double
    public init(_ α: Double) { self.α = α }

    public static let form = "inverse(α)"
    public init(_ arguments: inout ScheduleArguments) throws(ScheduleError) { α = try arguments.number("α") }
    public var arguments: [String] { ["\(α)"] }
    public func value(at t: Int) -> Double { α / Double(t) }
    public var range: ClosedRange<Double> { .between(0, α) }
  }

  /// α ÷ tˢ: Generic Adam's step sizes, and 1 − θₜ of its decay.
  public struct InversePower: ScheduleFunction {
    public var α, power: Double
    public init(_ α: Double, power: Double) { (self.α, self.power) = (α, power) }

    public static let form = "inversepower(α, power=s)"
    public init(_ arguments: inout ScheduleArguments) throws(ScheduleError) {
      α = try arguments.number("α")
      power = try arguments.number("power")
    }
    public var arguments: [String] { ["\(α)", "power=\(power)"] }
    public func value(at t: Int) -> Double { α / Double.pow(Double(t), power) }
    public var range: ClosedRange<Double> { .between(power == 0 ? α : 0, α) }
    public var problem: String? { power >= 0 ? nil : "power must not be negative" }
  }

  /// α ÷ √t: the convex theory's rate (Adam, theorem 4.1).
  public static func inverseSquareRoot(_ α: Double) -> Schedule { Schedule(InverseSquareRoot(α)) }
  /// α ÷ t.
  public static func inverse(_ α: Double) -> Schedule { Schedule(Inverse(α)) }
  /// α ÷ tˢ, s ≥ 0: Generic Adam's step sizes, and 1 − θₜ of its decay.
  public static func inversePower(_ α: Double, power: Double) -> Schedule { Schedule(InversePower(α, power: power)) }
}
