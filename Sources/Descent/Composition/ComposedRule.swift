/// A rule around another one, ``base``, in the same pass. Whatever it does not define itself comes from the base.
///
/// The outermost of several rules sees the gradient first: `Adam().penalized(by: λ).clipped(to: c)` clips g, then adds
/// λ θ, then steps.
public protocol ComposedRule<Base>: UpdateRule where Scalar == Base.Scalar {
  associatedtype Base: UpdateRule
  var base: Base { get set }
}

extension ComposedRule {
  public var learningRate: Schedule {
    get { base.learningRate }
    set { base.learningRate = newValue }
  }
  public static var name: String { Base.name }
  public static var slots: [String] { Base.slots }
  public static var curvatureSlot: String? { Base.curvatureSlot }
  public static var obstacleToMoving: String? { Base.obstacleToMoving }
  public static var obstacleToLookahead: String? { Base.obstacleToLookahead }
  public func validate() throws(RuleError) {
    try base.validate()
    try validateOptions()
  }
  public func epsilonThreshold(at t: Int) -> EpsilonThreshold? { base.epsilonThreshold(at: t) }
}

extension ComposedRule where State == Base.State {
  @inlinable public func initialState(for θ: Lane) -> State { base.initialState(for: θ) }
  @inlinable public static var slotKinds: SlotKinds { Base.slotKinds }
}
