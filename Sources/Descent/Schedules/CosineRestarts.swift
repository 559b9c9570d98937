extension Schedule {
  /// Half a cosine again and again.
  public struct CosineRestarts: ScheduleFunction {
    public var α, to: Double
    public var period, multiplier: Int
    public init(_ α: Double, to: Double, period: Int, multiplier: Int) {
      (self.α, self.to, self.period, self.multiplier) = (α, to, period, multiplier)
    }

    public static let form = "cosinerestarts(α, to=0, period=n, multiplier=1)"
    public init(_ arguments: inout ScheduleArguments) throws(ScheduleError) {
      α = try arguments.number("α")
      to = try arguments.number("to", default: 0)
      period = try arguments.stepCount("period")
      multiplier = try arguments.integer("multiplier", default: 1)
    }
    public var arguments: [String] { ["\(α)", "to=\(to)", "period=\(period)", "multiplier=\(multiplier)"] }
    public func value(at t: Int) -> Double {
      var length = max(1, period)
      var done = t - 1
      if multiplier <= 1 { done %= length }
      while done >= length {
        done -= length
        let (longer, overflow) = length.multipliedReportingOverflow(by: multiplier)
        length = overflow ? .max : longer
      }
      return halfCosine(from: α, to: to, Double(done) / Double(length))
    }
    public var range: ClosedRange<Double> { .between(α, to) }
    public var problem: String? {
      multiplier >= 1 ? Descent.problem(ofSteps: period) : "multiplier must be at least 1"
    }
  }

  /// ``cosine(_:to:over:)`` again and again; each period is `multiplier` times as long as the last
  /// (Loshchilov & Hutter, SGDR, 2017).
  public static func cosineRestarts(_ α: Double, to: Double = 0, period: Int, multiplier: Int = 1) -> Schedule {
    Schedule(CosineRestarts(α, to: to, period: period, multiplier: multiplier))
  }
}
