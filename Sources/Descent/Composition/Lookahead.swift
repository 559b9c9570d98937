/// A rule whose parameters go part of the way back every k steps (Zhang, Lucas, Hinton & Ba 2019, Algorithm 1).
///
///     θ ← the base's step
///     every k steps: φ ← φ + α (θ − φ), θ ← φ
///
/// φ, the slow weights, starts from θ₀. A synchronization does not change the base's state. The first step is the
/// base's; for k = 1 it is α times as long.
public struct Lookahead<Base: SteppingRule>: RememberingRule {
  public typealias Scalar = Base.Scalar

  public var base: Base
  /// k ≥ 1: steps between two synchronizations.
  public var period: Int
  /// α in [0, 1]: how far the slow weights go.
  public var slowRate: Double

  @frozen public struct Factors: Sendable {
    @usableFromInline var slowRate: Base.Scalar
    @usableFromInline var synchronizes: Bool
  }

  public func factors(at t: Int) -> Factors {
    Factors(slowRate: Scalar(slowRate), synchronizes: synchronizes(at: t))
  }

  public func changesNothing(at t: Int) -> Bool { !synchronizes(at: t) }

  private func synchronizes(at t: Int) -> Bool { t.isMultiple(of: max(1, period)) }

  @inlinable @inline(__always)
  public static func finish(_ θ: inout Lane, memory slow: inout Lane, _ c: Factors) {
    if c.synchronizes {
      slow.decay(toward: θ, by: c.slowRate)
      θ = slow
    }
  }

  public static var memorySlot: String { "slow" }

  public static var ownOptions: [RuleOption<Self>] {
    [
      .integer("period", \.period, in: 1...1_000_000_000, "k: steps between two synchronizations"),
      .number("slowRate", \.slowRate, in: .closedUnit, "α: how far the slow weights go to the fast"),
    ]
  }

  public func validate() throws(RuleError) {
    try Base.checkLookahead()
    try base.validate()
    try validateOptions()
  }
}

extension Lookahead: PassRule, ElementRule where Base: ElementRule {}
extension Lookahead: TensorRule where Base: TensorRule {}
extension Lookahead: ObjectiveRule where Base: ObjectiveRule {}

extension SteppingRule {
  /// This rule with slow weights that it returns to every few steps.
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
