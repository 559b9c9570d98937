extension Schedule {
  /// One cycle: up and down again.
  public struct OneCycle: ScheduleFunction {
    public var peak: Double
    public var over: Int
    public var rising, divisor, finalDivisor: Double
    public init(peak: Double, over: Int, rising: Double, divisor: Double, finalDivisor: Double) {
      (self.peak, self.over, self.rising) = (peak, over, rising)
      (self.divisor, self.finalDivisor) = (divisor, finalDivisor)
    }

    public static let form = "onecycle(α, over=n, rising=0.3, divisor=25, finaldivisor=10000)"
    public init(_ arguments: inout ScheduleArguments) throws(ScheduleError) {
      peak = try arguments.number("α")
      over = try arguments.stepCount("over")
      rising = try arguments.number("rising", default: 0.3)
      divisor = try arguments.number("divisor", default: 25)
      finalDivisor = try arguments.number("finaldivisor", default: 1e4)
    }
    public var arguments: [String] {
      ["\(peak)", "over=\(over)", "rising=\(rising)", "divisor=\(divisor)", "finaldivisor=\(finalDivisor)"]
    }
    public func value(at t: Int) -> Double {
      let start = peak / divisor
      let p = share(of: over, before: t)
      return p < rising
        ? halfCosine(from: start, to: peak, p / rising)
        : halfCosine(from: peak, to: start / finalDivisor, rising < 1 ? (p - rising) / (1 - rising) : 1)
    }
    public var range: ClosedRange<Double> {
      .between(peak / divisor, peak).joined(.between(peak / divisor / finalDivisor, peak))
    }
    public var problem: String? {
      guard 0...1 ~= rising else { return "rising must lie in [0, 1]" }
      return divisor > 0 && finalDivisor > 0 ? Descent.problem(ofSteps: over) : "the divisors must be positive"
    }
  }

  /// From peak ÷ `divisor` up to `peak` in the first `rising` share of `over` steps, then down to
  /// peak ÷ (divisor · finalDivisor), both as half a cosine (Smith & Topin 2018).
  public static func oneCycle(
    peak: Double, over: Int, rising: Double, divisor: Double, finalDivisor: Double
  ) -> Schedule {
    Schedule(OneCycle(peak: peak, over: over, rising: rising, divisor: divisor, finalDivisor: finalDivisor))
  }

  /// A single cycle with the shares of torch and optax: 30 % rising, from peak ÷ 25 to peak ÷ 250,000.
  public static func oneCycle(_ peak: Double, over: Int) -> Schedule {
    .oneCycle(peak: peak, over: over, rising: 0.3, divisor: 25, finalDivisor: 1e4)
  }
}
