extension Schedule {
  /// 1 less a schedule.
  public struct Complement: ScheduleFunction {
    public var schedule: Schedule
    public init(_ schedule: Schedule) { self.schedule = schedule }

    public static let form = "complement(schedule)"
    public init(_ arguments: inout ScheduleArguments) throws(ScheduleError) {
      schedule = try arguments.schedule(after: 0)
    }
    public var arguments: [String] { ["\(schedule)"] }
    public func value(at t: Int) -> Double { 1 - schedule(at: t) }
    public func oneMinus(at t: Int) -> Double { schedule(at: t) }
    public var range: ClosedRange<Double> {
      let range = schedule.range
      return .between(1 - range.upperBound, 1 - range.lowerBound)
    }
    public var problem: String? { schedule.problem }
  }

  /// 1 − `schedule`: a decay that tends to 1.
  public static func complement(_ schedule: Schedule) -> Schedule { Schedule(Complement(schedule)) }
}
