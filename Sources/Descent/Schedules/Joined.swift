extension Schedule {
  /// A schedule that is used for a number of steps.
  public struct Phase: Hashable, Sendable {
    /// Number of steps, positive.
    public var steps: Int
    /// The schedule, counted from its own step 1.
    public var schedule: Schedule
    public init(steps: Int, schedule: Schedule) { (self.steps, self.schedule) = (steps, schedule) }
  }

  /// Schedules one after the other.
  public struct Joined: ScheduleFunction {
    public var phases: [Phase]
    public var last: Schedule
    public init(_ phases: [Phase], last: Schedule) { (self.phases, self.last) = (phases, last) }

    public static let form = "joined(n:schedule, schedule)"
    public init(_ arguments: inout ScheduleArguments) throws(ScheduleError) {
      phases = []
      var done = 0
      while let (steps, text) = try arguments.pair() {
        phases.append(Phase(steps: steps, schedule: try Schedule(text, steps: steps)))
        done += steps
      }
      last = try arguments.schedule(after: done)
    }
    public var arguments: [String] { phases.map { "\($0.steps):\($0.schedule)" } + ["\(last)"] }
    public func value(at t: Int) -> Double {
      let (schedule, t) = phase(at: t)
      return schedule(at: t)
    }
    public func oneMinus(at t: Int) -> Double {
      let (schedule, t) = phase(at: t)
      return schedule.oneMinus(at: t)
    }
    public var range: ClosedRange<Double> { phases.reduce(last.range) { $0.joined($1.schedule.range) } }
    public var problem: String? {
      for phase in phases {
        if let problem = Descent.problem(ofSteps: phase.steps) ?? phase.schedule.problem { return problem }
      }
      return last.problem
    }

    /// The schedule that holds at step t, and the number of that step within its phase.
    private func phase(at t: Int) -> (Schedule, Int) {
      var t = t
      for phase in phases {
        if t <= phase.steps { return (phase.schedule, t) }
        t -= phase.steps
      }
      return (last, t)
    }
  }

  /// Each phase for its number of steps, counted from its own step 1; `last` afterwards.
  public static func joined(_ phases: [Phase], last: Schedule) -> Schedule { Schedule(Joined(phases, last: last)) }
}
