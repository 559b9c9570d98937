/// A rule around another one, ``base``, of any kind, with options of its own.
///
/// The outermost of several rules sees the gradient first: `Adam().penalized(by: λ).clipped(to: c)` clips g, then adds
/// λ θ, then steps. Around an element-wise rule it works in the same pass; around another it takes a pass of its own.
public protocol ComposedRule<Base>: WrappingRule where Scalar == Base.Scalar {
  /// The scalars of a step that the rule needs besides the base's.
  associatedtype Factors: Sendable

  /// The rule's own scalars of step t = 1, 2, …
  func factors(at t: Int) -> Factors

  /// Whether step t is the base's alone. Around rules that are not element-wise, a pass is then left out. False unless
  /// the rule says otherwise.
  func changesNothing(at t: Int) -> Bool

  /// The rule's own options. They come after the base's.
  static var ownOptions: [RuleOption<Self>] { get }
}

extension ComposedRule {
  public func changesNothing(at t: Int) -> Bool { false }
  public static var options: [RuleOption<Self>] { Base.options.map { $0.lifted(through: \.base) } + ownOptions }
  public func validate() throws(RuleError) {
    try base.validate()
    try validateOptions()
  }
}

/// The scalars of a step of an element-wise rule around another.
@frozen
public struct ComposedCoefficients<Base: Sendable, Factors: Sendable>: Sendable {
  public var base: Base
  public var own: Factors

  @inlinable
  public init(base: Base, own: Factors) {
    self.base = base
    self.own = own
  }
}

extension ComposedRule where Self: ElementRule, Base: ElementRule {
  public func coefficients(at t: Int) -> ComposedCoefficients<Base.Coefficients, Factors> {
    ComposedCoefficients(base: base.coefficients(at: t), own: factors(at: t))
  }
}
