/// A rule with decoupled weight decay: θ ← (1 − λ) θ before the step, the gradient untouched.
public struct Decayed<Base: UpdateRule>: ComposedRule {
  public typealias Scalar = Base.Scalar
  public typealias State = Base.State

  public var base: Base
  /// λ in [0, 1]: the share of θ that a step takes away.
  public var weightDecay: Double
  /// Whether λ is multiplied by the learning rate.
  public var decayCoupling: DecayCoupling

  @frozen public struct Coefficients: Sendable {
    @usableFromInline var base: Base.Coefficients
    @usableFromInline var λ: Base.Scalar
  }

  public func coefficients(at t: Int) -> Coefficients {
    let λ = decayCoupling == .learningRate ? weightDecay * base.learningRate(at: t) : weightDecay
    return Coefficients(base: base.coefficients(at: t), λ: Scalar(λ))
  }

  @inlinable @inline(__always)
  public func update(_ θ: inout Lane, gradient g: Lane, state: inout State, _ c: Coefficients) {
    θ -= c.λ * θ
    base.update(&θ, gradient: g, state: &state, c.base)
  }

  public static var options: [RuleOption<Self>] {
    Base.options.map { $0.lifted(through: \.base) } + [
      .number("weightDecay", \.weightDecay, in: .closedUnit, "λ: share of θ that a step takes away"),
      .choice("decayCoupling", \.decayCoupling, "λ as it is (independent) or times α (learningRate)"),
    ]
  }
}

extension UpdateRule {
  /// This rule with θ ← (1 − λ) θ before each step: decoupled weight decay, in the same pass.
  ///
  /// - Parameters:
  ///   - decay: λ in [0, 1].
  ///   - coupling: `.independent` as in Loshchilov & Hutter's paper; `.learningRate` multiplies λ by α, as torch does.
  public func decayed(by decay: Double, coupling: DecayCoupling = .independent) -> Decayed<Self> {
    Decayed(base: self, weightDecay: decay, decayCoupling: coupling)
  }
}
