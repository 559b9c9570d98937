/// A rule on the objective f(θ) + ½ λ ‖θ‖²: g ← g + λ θ before anything else. (torch's `weight_decay` in all but AdamW.)
public struct Penalized<Base: SteppingRule>: ModifyingRule {
  public typealias Scalar = Base.Scalar

  public var base: Base
  /// λ ≥ 0.
  public var penalty: Double

  @frozen public struct Factors: Sendable {
    @usableFromInline var λ: Base.Scalar
  }

  public func factors(at t: Int) -> Factors { Factors(λ: Scalar.finite(penalty)) }

  /// The penalty's own curvature is λ.
  public func curvatureQuestion(at t: Int) -> CurvatureQuestion? {
    base.curvatureQuestion(at: t).map { CurvatureQuestion($0.form, penalty: Double.finite($0.penalty + penalty)) }
  }

  public func changesNothing(at t: Int) -> Bool { penalty == 0 }
  public var ridge: Double { penalty }

  @inlinable @inline(__always)
  public static func modify(_ θ: inout Lane, gradient g: inout Lane, _ c: Factors) { g = (g + c.λ * θ).finite }

  public static var ownOptions: [RuleOption<Self>] {
    [.number("penalty", \.penalty, in: .nonNegative, "λ: of the objective's ½ λ ‖θ‖²")]
  }
}

extension Penalized: PassRule, ElementRule where Base: ElementRule {}
extension Penalized: TensorRule where Base: TensorRule {}
extension Penalized: ObjectiveRule where Base: ObjectiveRule {}

extension SteppingRule {
  /// This rule on the objective plus ½ λ ‖θ‖² (an L2 penalty).
  ///
  /// - Parameter penalty: λ ≥ 0.
  public func penalized(by penalty: Double) -> Penalized<Self> { Penalized(base: self, penalty: penalty) }
}
