/// A method that an ``Optimizer`` steps parameters by. Its refinements say what one step of it sees: a single element
/// (``UpdateRule``), a parameter with its shape (``TensorRule``), or all parameters at once (``VectorRule``).
public protocol SteppingRule<Scalar>: Configurable {
  associatedtype Scalar: RuleScalar
  typealias Lane = Scalar.Lane

  /// The step size α as a function of t.
  var learningRate: Schedule { get set }

  /// The slot that must hold the diagonal of the Hessian before the first step; nil, the default, for a rule that
  /// steps by gradients alone.
  static var curvatureSlot: String? { get }

  /// Below which value of a slot ε dominates step t; nil, the default, for a rule without ε or without such a slot.
  func epsilonThreshold(at t: Int) -> EpsilonThreshold?

  /// Whether a step depends on which extents of a parameter are inputs and which outputs. A checkpoint is then refused
  /// if its layout differs in that. False by default, but true for a ``TensorRule``.
  static var dependsOnAxes: Bool { get }
}

extension SteppingRule {
  public static var curvatureSlot: String? { nil }
  public func epsilonThreshold(at t: Int) -> EpsilonThreshold? { nil }
  public static var dependsOnAxes: Bool { false }
}
