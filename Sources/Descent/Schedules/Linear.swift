extension Schedule {
  /// A straight line.
  public struct Linear: ScheduleFunction {
    public var from, to: Double
    public var over: Int
    public init(from: Double, to: Double, over: Int) { (self.from, self.to, self.over) = (from, to, over) }

    public static let form = "linear(α, to=0, over=n)"
    public init(_ arguments: inout ScheduleArguments) throws(ScheduleError) {
      from = try arguments.number("α")
      to = try arguments.number("to", default: 0)
      over = try arguments.stepCount("over")
    }
    public var arguments: [String] { ["\(from)", "to=\(to)", "over=\(over)"] }
    public func value(at t: Int) -> Double { from + (to - from) * share(of: over, before: t) }
    public var range: ClosedRange<Double> { .between(from, to) }
    public var problem: String? { Descent.problem(ofSteps: over) }
  }

  /// From `from` to `to` in a straight line over `over` steps.
  public static func linear(from: Double, to: Double, over: Int) -> Schedule {
    Schedule(Linear(from: from, to: to, over: over))
  }
}
