import RealModule

extension Schedule {
  /// A decay whose half-life, log ½ ÷ log β, changes linearly.
  public struct HalfLife: ScheduleFunction {
    public var from, to: Double
    public var over: Int
    public init(from: Double, to: Double, over: Int) { (self.from, self.to, self.over) = (from, to, over) }

    public static let form = "halflife(β, to=γ, over=n)"
    public init(_ arguments: inout ScheduleArguments) throws(ScheduleError) {
      from = try arguments.number("α")
      to = try arguments.number("to")
      over = try arguments.stepCount("over")
    }
    public var arguments: [String] { ["\(from)", "to=\(to)", "over=\(over)"] }
    public func value(at t: Int) -> Double {
      let p = share(of: over, before: t)
      return p >= 1 ? to : p <= 0 ? from : Double.exp(logDecay(p))
    }
    public func oneMinus(at t: Int) -> Double {
      let p = share(of: over, before: t)
      return p >= 1 ? 1 - to : p <= 0 ? 1 - from : -Double.expMinusOne(logDecay(p))
    }
    public var range: ClosedRange<Double> { .between(from, to) }
    public var problem: String? {
      0 < from && from < 1 && 0 < to && to < 1
        ? Descent.problem(ofSteps: over) : "a decay with a half-life lies in (0, 1)"
    }

    /// log β of the decay at the share p of the way: 1 ÷ log β changes linearly.
    private func logDecay(_ p: Double) -> Double { 1 / ((1 - p) / Double.log(from) + p / Double.log(to)) }
  }

  /// A decay whose half-life, log ½ ÷ log β, changes linearly over `over` steps, from the half-life of `from` to the
  /// half-life of `to`: AdEMAMix's β₃.
  public static func halfLife(from: Double, to: Double, over: Int) -> Schedule {
    Schedule(HalfLife(from: from, to: to, over: over))
  }
}
