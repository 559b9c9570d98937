/// A rule around another one, ``base``, of any kind. Whatever it does not define itself comes from the base.
///
/// The outermost of several rules sees the gradient first: `Adam().penalized(by: λ).clipped(to: c)` clips g, then adds
/// λ θ, then steps. Around an element-wise rule it works in the same pass; around another it takes a pass of its own.
public protocol ComposedRule<Base>: SteppingRule where Scalar == Base.Scalar {
  associatedtype Base: SteppingRule
  /// The scalars of a step that the rule needs besides the base's.
  associatedtype Factors: Sendable
  var base: Base { get set }

  /// The rule's own scalars of step t = 1, 2, …
  func factors(at t: Int) -> Factors

  /// Whether step t is the base's alone. Around rules that are not element-wise, a pass is then left out. False unless
  /// the rule says otherwise.
  func changesNothing(at t: Int) -> Bool

  /// The rule's own options. They come after the base's.
  static var ownOptions: [RuleOption<Self>] { get }
}

extension ComposedRule {
  public var learningRate: Schedule {
    get { base.learningRate }
    set { base.learningRate = newValue }
  }
  public func changesNothing(at t: Int) -> Bool { false }
  public static var name: String { Base.name }
  public static var options: [RuleOption<Self>] { Base.options.map { $0.lifted(through: \.base) } + ownOptions }
  public static var curvatureSlot: String? { Base.curvatureSlot }
  public static var dependsOnAxes: Bool { Base.dependsOnAxes }
  public static var obstacleToMoving: String? { Base.obstacleToMoving }
  public static var obstacleToLookahead: String? { Base.obstacleToLookahead }
  public func validate() throws(RuleError) {
    try base.validate()
    try validateOptions()
  }
  public func epsilonThreshold(at t: Int) -> EpsilonThreshold? { base.epsilonThreshold(at: t) }
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

extension ComposedRule where Self: UpdateRule, Base: UpdateRule {
  public func coefficients(at t: Int) -> ComposedCoefficients<Base.Coefficients, Factors> {
    ComposedCoefficients(base: base.coefficients(at: t), own: factors(at: t))
  }
}
