import RealModule

extension Schedule {
  /// The same value at every step; written as a number.
  public struct Constant: ScheduleFunction {
    public var value: Double
    public init(_ value: Double) { self.value = value }

    public static let form = "constant(value)"
    public init(_ arguments: inout ScheduleArguments) throws(ScheduleError) { value = try arguments.number("value") }
    public var arguments: [String] { ["\(value)"] }
    public var text: String { "\(value)" }
    public func value(at t: Int) -> Double { value }
    public var range: ClosedRange<Double> { .between(value, value) }

    /// 1 − βᵗ, by way of the logarithm: 1 − `pow`(0.999, 1) would lose ten bits.
    public func oneMinusProduct(through t: Int) -> Double {
      value == 0 ? 1 : -Double.expMinusOne(Double(t) * Double.log(value))
    }
  }

  /// The same value at every step.
  public static func constant(_ value: Double) -> Schedule { Schedule(Constant(value)) }

  /// The value of a schedule that never changes; nil of another.
  var constantValue: Double? { (function as? Constant)?.value }
}
