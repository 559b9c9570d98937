/// A rule with an exponential moving average of θ beside it, corrected for its start from zero (Kingma & Ba 2015,
/// section 7.2).
///
///     θ̄ ← β θ̄ + (1 − β) θ,  the average is θ̄ / (1 − βᵗ)
///
/// After step 1 the average is θ₁ itself.
public struct Averaged<Base: UpdateRule>: ComposedRule, AveragingRule {
  public typealias Scalar = Base.Scalar

  public var base: Base
  /// β in [0, 1).
  public var averageDecay: Double

  @frozen public struct State: BitwiseCopyable {
    public var base: Base.State
    public var average: Base.Scalar.Lane

    @inlinable
    init(base: Base.State, average: Base.Scalar.Lane) {
      self.base = base
      self.average = average
    }
  }

  @frozen public struct Coefficients: Sendable {
    @usableFromInline var base: Base.Coefficients
    @usableFromInline var oneMinusβ: Base.Scalar
  }

  public func coefficients(at t: Int) -> Coefficients {
    Coefficients(base: base.coefficients(at: t), oneMinusβ: Scalar(1 - averageDecay))
  }

  @inlinable @inline(__always)
  public func update(_ θ: inout Lane, gradient g: Lane, state s: inout State, _ c: Coefficients) {
    base.update(&θ, gradient: g, state: &s.base, c.base)
    s.average.decay(toward: θ, by: c.oneMinusβ)
  }

  @inlinable
  public func initialState(for θ: Lane) -> State { State(base: base.initialState(for: θ), average: .zero) }
  public static var slots: [String] { Base.slots + [averageSlot] }
  public static var averageSlot: String { "average/exponential" }
  public func averageCorrection(at t: Int) -> Double {
    1 / Rate.constant(averageDecay).oneMinusProduct(through: t)
  }
  public static var options: [RuleOption<Self>] {
    Base.options.map { $0.lifted(through: \.base) } + [
      .number("averageDecay", \.averageDecay, in: .unit, "β: decay of the average of θ")
    ]
  }
}

extension UpdateRule {
  /// This rule with an exponential moving average of θ beside it, in the same pass.
  ///
  /// - Parameter decay: β in [0, 1); the average reaches back about 1 / (1 − β) steps.
  public func averaged(_ decay: Double) -> Averaged<Self> { Averaged(base: self, averageDecay: decay) }
}
