extension Schedule {
  /// A schedule times a number.
  public struct Scaled: ScheduleFunction {
    public var schedule: Schedule
    public var factor: Double
    public init(_ schedule: Schedule, by factor: Double) { (self.schedule, self.factor) = (schedule, factor) }

    public static let form = "scaled(schedule, by=a)"
    public init(_ arguments: inout ScheduleArguments) throws(ScheduleError) {
      schedule = try arguments.schedule(after: 0)
      factor = try arguments.number("by")
    }
    public var arguments: [String] { ["\(schedule)", "by=\(factor)"] }
    public func value(at t: Int) -> Double { factor * schedule(at: t) }
    public var range: ClosedRange<Double> {
      let range = schedule.range
      return .between(range.lowerBound * factor, range.upperBound * factor)
    }
    public var problem: String? { schedule.problem }
  }

  /// `schedule` at every step times `factor`.
  public static func scaled(_ schedule: Schedule, by factor: Double) -> Schedule {
    Schedule(Scaled(schedule, by: factor))
  }
}
