/// A method that an ``Optimizer`` steps parameters by. Its refinements say what one step of it sees: a single element
/// (``ElementRule``), a parameter with its shape (``TensorRule``), all parameters at once (``VectorRule``), or the
/// objective itself (``ObjectiveRule``).
public protocol SteppingRule<Scalar>: Configurable {
  associatedtype Scalar: RuleScalar
  typealias Lane = Scalar.Lane

  /// The step size α as a function of t.
  var learningRate: Schedule { get set }

  /// The slot that must hold the diagonal of the curvature before the first step; nil, the default, for a rule that
  /// steps by gradients alone (``CurvatureScaledRule``).
  static var curvatureSlot: String? { get }

  /// What step t asks an objective that can give the diagonal of the curvature, for that slot; nil, the default, for
  /// nothing.
  func curvatureQuestion(at t: Int) -> CurvatureQuestion?

  /// Below which value of a slot ε dominates step t; nil, the default, for a rule without ε or without such a slot.
  func epsilonThreshold(at t: Int) -> EpsilonThreshold?

  /// What the objective must give besides its gradient, with the rule's options as they are. Nothing unless the rule says
  /// otherwise.
  var needs: Set<ObjectiveCapability> { get }

  /// What the rule says to others that make the same step with other examples (``Exchange``). Its gradient unless the
  /// rule says otherwise.
  static var message: Message { get }

  /// Whether a step depends on which extents of a parameter are inputs and which outputs. A checkpoint is then refused
  /// if its layout differs in that. False by default, but true for a ``TensorRule``.
  static var dependsOnAxes: Bool { get }
}

extension SteppingRule {
  public static var curvatureSlot: String? { nil }
  public func curvatureQuestion(at t: Int) -> CurvatureQuestion? { nil }
  public var needs: Set<ObjectiveCapability> { [] }
  public static var message: Message { .gradient }
  public func epsilonThreshold(at t: Int) -> EpsilonThreshold? { nil }
  public static var dependsOnAxes: Bool { false }

  /// The largest number that the parameters' type holds.
  static var largestNumber: Double { Double(Scalar.greatestFiniteMagnitude) }
}
