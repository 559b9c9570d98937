import RealModule

extension Schedule {
  /// to + (from − to) (1 − p)ᵏ.
  public struct Polynomial: ScheduleFunction {
    public var from, to: Double
    public var over: Int
    public var power: Double
    public init(from: Double, to: Double, over: Int, power: Double) {
      (self.from, self.to, self.over, self.power) = (from, to, over, power)
    }

    public static let form = "polynomial(α, to=0, power=1, over=n)"
    public init(_ arguments: inout ScheduleArguments) throws(ScheduleError) {
      from = try arguments.number("α")
      to = try arguments.number("to", default: 0)
      over = try arguments.stepCount("over")
      power = try arguments.number("power", default: 1)
    }
    public var arguments: [String] { ["\(from)", "to=\(to)", "power=\(power)", "over=\(over)"] }
    public func value(at t: Int) -> Double {
      to + (from - to) * Double.pow(1 - share(of: over, before: t), power)
    }
    public var range: ClosedRange<Double> { .between(from, to) }
    public var problem: String? { power > 0 ? Descent.problem(ofSteps: over) : "power must be positive" }
  }

  /// to + (from − to) (1 − p)ᵏ, where p is the fraction of `over` steps done and k > 0 the power.
  public static func polynomial(from: Double, to: Double, over: Int, power: Double) -> Schedule {
    Schedule(Polynomial(from: from, to: to, over: over, power: power))
  }
}
