extension Schedule {
  /// A straight line from zero up to another schedule's first value, then that schedule.
  public struct Warmup: ScheduleFunction {
    public var steps: Int
    public var then: Schedule
    public init(_ steps: Int, then: Schedule) { (self.steps, self.then) = (steps, then) }

    public static let form = "warmup(n, schedule)"
    public init(_ arguments: inout ScheduleArguments) throws(ScheduleError) {
      steps = try arguments.integer("n")
      then = try arguments.schedule(after: steps)
    }
    public var arguments: [String] { ["\(steps)", "\(then)"] }
    public func value(at t: Int) -> Double {
      t <= steps ? then(at: 1) * (Double(t) / Double(steps)) : then(at: t - steps)
    }
    public func oneMinus(at t: Int) -> Double { t > steps ? then.oneMinus(at: t - steps) : 1 - value(at: t) }
    public var range: ClosedRange<Double> {
      let first = then(at: 1)
      return .between(first / Double(steps), first).joined(then.range)
    }
    public var problem: String? { Descent.problem(ofSteps: steps) ?? then.problem }
  }

  /// t ÷ steps of `then`'s first value for the first `steps` steps; `then`, from its own step 1, afterwards.
  public static func warmup(_ steps: Int, then: Schedule) -> Schedule { Schedule(Warmup(steps, then: then)) }
}
