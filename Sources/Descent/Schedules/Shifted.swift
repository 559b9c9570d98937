extension Schedule {
  /// A schedule that begins at a later one of its steps.
  public struct Shifted: ScheduleFunction {
    public var schedule: Schedule
    public var steps: Int
    public init(_ schedule: Schedule, by steps: Int) { (self.schedule, self.steps) = (schedule, steps) }

    public static let form = "shifted(schedule, by=n)"
    public init(_ arguments: inout ScheduleArguments) throws(ScheduleError) {
      schedule = try arguments.schedule(after: 0)
      steps = try arguments.integer("by")
    }
    public var arguments: [String] { ["\(schedule)", "by=\(steps)"] }
    public func value(at t: Int) -> Double {
      let (later, overflow) = t.addingReportingOverflow(steps)
      return schedule(at: overflow ? .max : later)
    }
    public func oneMinus(at t: Int) -> Double {
      steps >= 0 && t <= .max - steps ? schedule.oneMinus(at: t + steps) : 1 - value(at: t)
    }
    public var range: ClosedRange<Double> { schedule.range }
    public var problem: String? { steps >= 0 ? schedule.problem : "a schedule can only be shifted forwards" }
  }

  /// `schedule` at step t + `steps`.
  public static func shifted(_ schedule: Schedule, by steps: Int) -> Schedule {
    Schedule(Shifted(schedule, by: steps))
  }
}
