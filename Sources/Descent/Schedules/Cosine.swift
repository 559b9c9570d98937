import RealModule

extension Schedule {
  /// Half a cosine from α to its end.
  public struct Cosine: ScheduleFunction {
    public var α, to: Double
    public var over: Int
    public init(_ α: Double, to: Double, over: Int) { (self.α, self.to, self.over) = (α, to, over) }

    public static let form = "cosine(α, to=0, over=n)"
    public init(_ arguments: inout ScheduleArguments) throws(ScheduleError) {
      α = try arguments.number("α")
      to = try arguments.number("to", default: 0)
      over = try arguments.stepCount("over")
    }
    public var arguments: [String] { ["\(α)", "to=\(to)", "over=\(over)"] }
    public func value(at t: Int) -> Double { halfCosine(from: α, to: to, share(of: over, before: t)) }
    public var range: ClosedRange<Double> { .between(α, to) }
    public var problem: String? { Descent.problem(ofSteps: over) }
  }

  /// to + (α − to) ½ (1 + cos π p), where p is the fraction of `over` steps done.
  public static func cosine(_ α: Double, to: Double = 0, over: Int) -> Schedule {
    Schedule(Cosine(α, to: to, over: over))
  }
}

/// Half a cosine from `from` at p = 0 to `to` at p = 1.
func halfCosine(from: Double, to: Double, _ p: Double) -> Double {
  p >= 1 ? to : to + (from - to) * 0.5 * (1 + Double.cos(.pi * p))
}
