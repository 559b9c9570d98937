/// A rule with decoupled weight decay: θ ← (1 − α λ) θ before the step, the gradient untouched.
public struct Decayed<Base: UpdateRule>: ComposedRule {
  public typealias Scalar = Base.Scalar
  public typealias State = Base.State

  public var base: Base
  /// λ ≥ 0: a step takes away the share α λ of θ, which must be at most 1.
  public var weightDecay: Double
  /// Whether α, the learning rate, multiplies λ.
  public var decayCoupling: DecayCoupling

  @frozen public struct Coefficients: Sendable {
    @usableFromInline var base: Base.Coefficients
    @usableFromInline var λ: Base.Scalar
  }

  public func coefficients(at t: Int) -> Coefficients {
    let λ = weightDecay * decayCoupling.factor(base.learningRate(at: t))
    return Coefficients(base: base.coefficients(at: t), λ: Scalar(λ))
  }

  @inlinable @inline(__always)
  public func update(_ θ: inout Lane, gradient g: Lane, state: inout State, _ c: Coefficients) {
    θ -= c.λ * θ
    base.update(&θ, gradient: g, state: &state, c.base)
  }

  public static var options: [RuleOption<Self>] {
    Base.options.map { $0.lifted(through: \.base) } + [
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

extension UpdateRule {
  /// This rule with θ ← (1 − α λ) θ before each step: decoupled weight decay, in the same pass.
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
