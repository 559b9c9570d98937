/// A rule that hands all but its step on to another one, ``base``: what it does not define itself is the base's.
public protocol WrappingRule<Base>: SteppingRule {
  associatedtype Base: SteppingRule
  var base: Base { get set }
}

extension WrappingRule {
  public var learningRate: Schedule {
    get { base.learningRate }
    set { base.learningRate = newValue }
  }
  public static var name: String { Base.name }
  public static var options: [RuleOption<Self>] { Base.options.map { $0.lifted(through: \.base) } }
  public static var curvatureSlot: String? { Base.curvatureSlot }
  public func curvatureQuestion(at t: Int) -> CurvatureQuestion? { base.curvatureQuestion(at: t) }
  public var needs: Set<ObjectiveCapability> { base.needs }
  @inlinable public static var message: Message { Base.message }
  public static var dependsOnAxes: Bool { Base.dependsOnAxes }
  public static var obstacleToMoving: String? { Base.obstacleToMoving }
  public static var obstacleToLookahead: String? { Base.obstacleToLookahead }
  public func epsilonThreshold(at t: Int) -> EpsilonThreshold? { base.epsilonThreshold(at: t) }
}
