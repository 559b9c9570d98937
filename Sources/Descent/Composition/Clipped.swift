/// A rule that sees every element of the gradient clipped to [−c, c]; infinite elements and NaN become NaN.
public struct Clipped<Base: SteppingRule>: ModifyingRule {
  public typealias Scalar = Base.Scalar

  public var base: Base
  /// c > 0.
  public var bound: Double

  @frozen public struct Factors: Sendable {
    @usableFromInline var bound: Base.Scalar
  }

  public func factors(at t: Int) -> Factors { Factors(bound: Scalar(bound)) }

  @inlinable @inline(__always)
  public static func modify(_ θ: inout Lane, gradient g: inout Lane, _ c: Factors) { g = g.limited(to: c.bound) }

  public static var ownOptions: [RuleOption<Self>] {
    [.number("bound", \.bound, in: .positive, isLimit: true, "c: largest magnitude of a gradient's element")]
  }
}

extension Clipped: PassRule, ElementRule where Base: ElementRule {}
extension Clipped: TensorRule where Base: TensorRule {}
extension Clipped: ObjectiveRule where Base: ObjectiveRule {}

extension SteppingRule {
  /// This rule on the gradient with each element clipped to [−c, c].
  ///
  /// - Parameter bound: c > 0.
  public func clipped(to bound: Double) -> Clipped<Self> { Clipped(base: self, bound: bound) }
}
