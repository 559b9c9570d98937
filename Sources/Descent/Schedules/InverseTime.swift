import RealModule

extension Schedule {
  /// α ÷ (1 + a (t − 1)ᵖ).
  public struct InverseTime: ScheduleFunction {
    public var α, decay, power: Double
    public init(_ α: Double, decay: Double, power: Double) { (self.α, self.decay, self.power) = (α, decay, power) }

    public static let form = "inversetime(α, decay=a, power=1)"
    public init(_ arguments: inout ScheduleArguments) throws(ScheduleError) {
      α = try arguments.number("α")
      decay = try arguments.number("decay")
      power = try arguments.number("power", default: 1)
    }
    public var arguments: [String] { ["\(α)", "decay=\(decay)", "power=\(power)"] }
    public func value(at t: Int) -> Double {
      // 0 · ∞ where the power overflows.
      decay == 0 ? α : α / (1 + decay * Double.pow(Double(t - 1), power))
    }
    public var range: ClosedRange<Double> { .between(decay == 0 ? α : 0, α) }
    public var problem: String? {
      decay >= 0 && power > 0 ? nil : "decay must not be negative and power must be positive"
    }
  }

  /// α ÷ (1 + a (t − 1)ᵖ), a ≥ 0, p > 0: with p = 1 the `lr_decay` of torch's AdaGrad.
  public static func inverseTime(_ α: Double, decay: Double, power: Double) -> Schedule {
    Schedule(InverseTime(α, decay: decay, power: power))
  }
}
