/// A rule on the objective f(θ) + ½ λ ‖θ‖²: g ← g + λ θ before anything else. (torch's `weight_decay` in all but AdamW.)
public struct Penalized<Base: UpdateRule>: ComposedRule {
  public typealias Scalar = Base.Scalar
  public typealias State = Base.State

  public var base: Base
  /// λ ≥ 0.
  public var penalty: Double

  @frozen public struct Coefficients: Sendable {
    @usableFromInline var base: Base.Coefficients
    @usableFromInline var λ: Base.Scalar
  }

  public func coefficients(at t: Int) -> Coefficients {
    Coefficients(base: base.coefficients(at: t), λ: Scalar(penalty))
  }

  @inlinable @inline(__always)
  public func update(_ θ: inout Lane, gradient g: Lane, state: inout State, _ c: Coefficients) {
    base.update(&θ, gradient: (g + c.λ * θ).finite, state: &state, c.base)
  }

  public static var options: [RuleOption<Self>] {
    Base.options.map { $0.lifted(through: \.base) } + [
      .number("penalty", \.penalty, in: .nonNegative, "λ: of the objective's ½ λ ‖θ‖²")
    ]
  }
}

extension UpdateRule {
  /// This rule on the objective plus ½ λ ‖θ‖² (an L2 penalty), in the same pass.
  ///
  /// - Parameter penalty: λ ≥ 0.
  public func penalized(by penalty: Double) -> Penalized<Self> { Penalized(base: self, penalty: penalty) }
}
