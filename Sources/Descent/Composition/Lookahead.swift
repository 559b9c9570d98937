/// A rule whose parameters go part of the way back every k steps (Zhang, Lucas, Hinton & Ba 2019, Algorithm 1).
///
///     θ ← the base's step
///     every k steps: φ ← φ + α (θ − φ), θ ← φ
///
/// φ, the slow weights, starts from θ₀. A synchronization does not change the base's state. The first step is the
/// base's; for k = 1 it is α times as long.
public struct Lookahead<Base: UpdateRule>: ComposedRule {
  public typealias Scalar = Base.Scalar

  public var base: Base
  /// k ≥ 1: steps between two synchronizations.
  public var period: Int
  /// α in [0, 1]: how far the slow weights go.
  public var slowRate: Double

  @frozen public struct State: BitwiseCopyable {
    public var base: Base.State
    public var slow: Base.Scalar.Lane

    @inlinable
    init(base: Base.State, slow: Base.Scalar.Lane) {
      self.base = base
      self.slow = slow
    }
  }

  @frozen public struct Coefficients: Sendable {
    @usableFromInline var base: Base.Coefficients
    @usableFromInline var slowRate: Base.Scalar
    @usableFromInline var synchronizes: Bool
  }

  public func coefficients(at t: Int) -> Coefficients {
    Coefficients(
      base: base.coefficients(at: t), slowRate: Scalar(slowRate), synchronizes: t.isMultiple(of: max(1, period)))
  }

  @inlinable @inline(__always)
  public func update(_ θ: inout Lane, gradient g: Lane, state s: inout State, _ c: Coefficients) {
    base.update(&θ, gradient: g, state: &s.base, c.base)
    if c.synchronizes {
      θ = θ.finite
      s.slow.decay(toward: θ, by: c.slowRate)
      θ = s.slow
    }
  }

  @inlinable
  public func initialState(for θ: Lane) -> State { State(base: base.initialState(for: θ), slow: θ) }
  public static var slots: [String] { Base.slots + ["slow"] }
  @inlinable public static var slotKinds: SlotKinds { Base.slotKinds + .exact }
  public static var options: [RuleOption<Self>] {
    Base.options.map { $0.lifted(through: \.base) } + [
      .integer("period", \.period, in: 1...1_000_000_000, "k: steps between two synchronizations"),
      .number("slowRate", \.slowRate, in: .closedUnit, "α: how far the slow weights go to the fast"),
    ]
  }
}

extension Lookahead {
  public func validate() throws(RuleError) {
    try Base.checkLookahead()
    try base.validate()
    try validateOptions()
  }
}

extension UpdateRule {
  /// This rule with slow weights that it returns to every few steps, in the same pass.
  ///
  /// An optimizer refuses it for a rule that computes θ anew from its state, or whose state goes on without the return
  /// (``Configurable/obstacleToLookahead``).
  ///
  /// - Parameters:
  ///   - period: k ≥ 1: steps between two synchronizations.
  ///   - rate: α in [0, 1]: how far the slow weights go to the fast ones.
  public func lookingAhead(every period: Int = 5, rate: Double = 0.5) -> Lookahead<Self> {
    Lookahead(base: self, period: period, slowRate: rate)
  }
}
