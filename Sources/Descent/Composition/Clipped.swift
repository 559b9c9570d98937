/// A rule that sees every element of the gradient clipped to [−c, c]; infinite elements and NaN become NaN.
public struct Clipped<Base: UpdateRule>: ComposedRule {
  public typealias Scalar = Base.Scalar
  public typealias State = Base.State

  public var base: Base
  /// c > 0.
  public var bound: Double

  @frozen public struct Coefficients: Sendable {
    @usableFromInline var base: Base.Coefficients
    @usableFromInline var bound: Base.Scalar
  }

  public func coefficients(at t: Int) -> Coefficients {
    Coefficients(base: base.coefficients(at: t), bound: Scalar(bound))
  }

  @inlinable @inline(__always)
  public func update(_ θ: inout Lane, gradient g: Lane, state: inout State, _ c: Coefficients) {
    base.update(&θ, gradient: g.limited(to: c.bound), state: &state, c.base)
  }

  public static var options: [RuleOption<Self>] {
    Base.options.map { $0.lifted(through: \.base) } + [
      .number("bound", \.bound, in: .positive, "c: largest magnitude of a gradient's element")
    ]
  }
}

extension UpdateRule {
  /// This rule on the gradient with each element clipped to [−c, c], in the same pass.
  ///
  /// - Parameter bound: c > 0.
  public func clipped(to bound: Double) -> Clipped<Self> { Clipped(base: self, bound: bound) }
}
