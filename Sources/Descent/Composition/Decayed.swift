/// A rule with decoupled weight decay: θ ← (1 − α λ) θ before the step, the gradient untouched. Around a rule that sees all
/// parameters at once, θ changes by the same amount after the step: the rule may look at θ, where its gradient belongs.
public struct Decayed<Base: SteppingRule>: ModifyingRule {
  public typealias Scalar = Base.Scalar

  public var base: Base
  /// λ ≥ 0: a step takes away the share α λ of θ, which must be at most 1.
  public var weightDecay: Double
  /// Whether α, the learning rate, multiplies λ.
  public var decayCoupling: DecayCoupling

  @frozen public struct Factors: Sendable {
    @usableFromInline var λ: Base.Scalar
  }

  public func factors(at t: Int) -> Factors {
    Factors(λ: Scalar.finite(weightDecay * decayCoupling.factor(base.learningRate(at: t))))
  }

  public func changesNothing(at t: Int) -> Bool { weightDecay == 0 }
  public static var changesGradient: Bool { false }

  @inlinable @inline(__always)
  public static func modify(_ θ: inout Lane, gradient g: inout Lane, _ c: Factors) { θ -= c.λ * θ }

  public static var ownOptions: [RuleOption<Self>] {
    [
      .decay("weightDecay", \.weightDecay, "λ: a step takes away the share α λ of θ") {
        $0.decayCoupling.factor($0.base.learningRate.base)
      },
      .choice("decayCoupling", \.decayCoupling, "α multiplies λ (learningRate) or not (independent)")
        .requiring("weightDecay above 0") { $0.weightDecay > 0 },
    ]
  }

  public func validate() throws(RuleError) {
    if weightDecay != 0 { try Base.checkDecaying() }
    try base.validate()
    try validateOptions()
  }
}

extension Decayed: PassRule, ElementRule where Base: ElementRule {}
extension Decayed: TensorRule where Base: TensorRule {}
extension Decayed: ObjectiveRule where Base: ObjectiveRule {}

extension SteppingRule {
  /// This rule with θ ← (1 − α λ) θ before each step: decoupled weight decay.
  ///
  /// An optimizer refuses it for a rule that computes θ anew from its state, because the decay would be lost
  /// (``Configurable/obstacleToMoving``).
  ///
  /// - Parameters:
  ///   - decay: λ ≥ 0; the share α λ must be at most 1.
  ///   - coupling: `.learningRate` multiplies λ by α, as torch does; `.independent` does not, as in Loshchilov &
  ///     Hutter's paper.
  public func decayed(by decay: Double, coupling: DecayCoupling = .learningRate) -> Decayed<Self> {
    Decayed(base: self, weightDecay: decay, decayCoupling: coupling)
  }
}
