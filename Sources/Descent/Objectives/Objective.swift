/// What a step asks: the loss on one batch, or f itself, as a function of θ.
///
/// ```swift
/// try optimizer.step(&θ, on: objective)
/// ```
///
/// Every objective gives its value and gradient. What else one can give is a protocol of its own:
/// ``BlockwiseObjective``, ``RepeatableObjective``, and for methods with curvature ``SampledGradientObjective``,
/// ``LayerwiseObjective``, ``CurvatureDiagonalObjective``, ``HessianObjective``, ``GaussNewtonObjective``. A method says what it needs (``SteppingRule/needs``), and an
/// optimizer refuses an objective that cannot give it before anything changes.
public protocol Objective<Scalar> {
  associatedtype Scalar: LaneScalar

  /// The value at a point and its gradient.
  ///
  /// - Parameters:
  ///   - θ: The point.
  ///   - gradient: A vector of θ's layout with any numbers, often the last gradient. Replace them all by the gradient at
  ///     θ (only the terms of a ``ClosureSum`` add to it); its padding must stay zero.
  /// - Returns: The objective's value at θ; NaN if it is not known.
  func value(at θ: ParameterVector<Scalar>, gradient: inout ParameterVector<Scalar>) throws -> Double

  /// How messages name the objective: "model 'mlp'".
  var name: String { get }

  /// What the objective can give besides value and gradient. What its protocols say, unless it says otherwise.
  var capabilities: Set<ObjectiveCapability> { get }
}

/// An objective that gives its gradient block by block, each as soon as it is known: no memory is needed for the
/// others, and the block is stepped while it is in cache.
public protocol BlockwiseObjective<Scalar>: Objective {
  /// Hands the gradient of each block to `step`, which may change the block's parameters at once. Throws before the
  /// first block or not at all.
  /// - Returns: The objective's value at the parameters before the step.
  func value(by step: BlockStep<Scalar>) throws -> Double
}

/// An objective that is a function of θ alone: it may be asked at several points in one step, and at the same point it
/// gives the same value. The same batch at another point is such an objective; a new batch for each question is not.
public protocol RepeatableObjective<Scalar>: Objective {}

/// What an objective may give besides its value and gradient.
public enum ObjectiveCapability: CaseIterable, Sendable {
  /// Its gradient block by block (``BlockwiseObjective``).
  case blocks
  /// Its gradient at several points in a step (``RepeatableObjective``).
  case otherPoints
  /// Its gradient with labels drawn from the model's predictions (``SampledGradientObjective``).
  case sampledGradients
  /// Inputs and output gradients of its layers (``LayerwiseObjective``).
  case layers
  /// Labels drawn from the model's predictions, for the statistics of its layers or for a gradient
  /// (``CurvatureLabels/sampled``).
  case sampledLabels
  /// The diagonal of its curvature (``CurvatureDiagonalObjective``).
  case curvatureDiagonal
  /// Products with its Hessian (``HessianObjective``).
  case hessianProducts
  /// Products with its Gauss–Newton matrix (``GaussNewtonObjective``).
  case gaussNewtonProducts

  /// What is known of curvature from this objective's batch alone.
  static let curvature: Set<ObjectiveCapability> = [
    .sampledGradients, .sampledLabels, .layers, .curvatureDiagonal, .hessianProducts, .gaussNewtonProducts,
  ]

  /// In words, as messages say it.
  public var summary: String {
    switch self {
    case .blocks: "the gradient block by block"
    case .otherPoints: "the gradient of the same batch at another point"
    case .sampledGradients: "the gradient with labels drawn from the model's predictions"
    case .sampledLabels: "labels drawn from the model's predictions"
    case .layers: "the inputs and output gradients of layers"
    case .curvatureDiagonal: "the diagonal of the curvature"
    case .hessianProducts: "products with the Hessian"
    case .gaussNewtonProducts: "products with the Gauss–Newton matrix"
    }
  }
}

extension Objective {
  public var name: String { "the objective" }

  public var capabilities: Set<ObjectiveCapability> { Self.capabilities }

  /// What the protocols of this type of objective say that it can give.
  public static var capabilities: Set<ObjectiveCapability> {
    var known: Set<ObjectiveCapability> = []
    if Self.self is any BlockwiseObjective.Type { known.insert(.blocks) }
    if Self.self is any RepeatableObjective.Type { known.insert(.otherPoints) }
    if Self.self is any SampledGradientObjective.Type { known.formUnion([.sampledGradients, .sampledLabels]) }
    if Self.self is any LayerwiseObjective.Type { known.formUnion([.layers, .sampledLabels]) }
    if Self.self is any CurvatureDiagonalObjective.Type { known.insert(.curvatureDiagonal) }
    if Self.self is any HessianObjective.Type { known.insert(.hessianProducts) }
    if Self.self is any GaussNewtonObjective.Type { known.insert(.gaussNewtonProducts) }
    return known
  }
}

/// Why an objective is refused.
public enum ObjectiveError: Error, Hashable, CustomStringConvertible {
  /// The method needs what the objective cannot give.
  case lacks(ObjectiveCapability, objective: String, method: String)
  /// The transform takes every gradient for a batch, and the method asks for more than one a step.
  case countsBatches(transform: String, method: String)
  /// The method steps layers by their statistics, and the parameters have none.
  case noLayers(method: String)
  /// The method's curvature is that of one worker's batch, so that the workers' parameters would drift apart.
  case exchangesCurvature(method: String)
  /// Sharpness-aware steps take each worker's gradient at another point.
  case exchangesSharpness(method: String)

  public var description: String {
    switch self {
    case .lacks(.blocks, let objective, let method):
      "\(method) shall step block by block (stepsByBlock), but \(objective) does not give its gradient so: unset it, or choose "
        + "another objective"
    case .lacks(let capability, let objective, let method):
      "\(method) needs \(capability.summary), which \(objective) does not give: "
        + ([.sampledGradients, .sampledLabels].contains(capability)
          ? "take the batch's own labels (labels=given), or " : "")
        + "choose another method"
    case .countsBatches(let transform, let method):
      "\(transform) takes every gradient for a batch of its own, and \(method) asks for more than one a step: remove it, "
        + "or choose another method"
    case .noLayers(let method):
      "\(method) takes the curvature of dense layers and convolutions, and the model has none: choose another method, or "
        + "another model"
    case .exchangesCurvature(let method):
      "\(method) takes the curvature from one worker's examples, so that the workers' parameters would drift apart: step "
        + "alone, or choose a method of gradients"
    case .exchangesSharpness(let method):
      "sharpness-aware \(method) takes the gradient at a point that one worker's examples choose: step alone, or unset "
        + "sharpness"
    }
  }
}

extension Set<ObjectiveCapability> {
  /// Refuses an objective that can give less than these needs of a method.
  /// - Throws: ``ObjectiveError``, which names the method, the objective and what is missing.
  package func check(_ given: Self, of objective: String, for method: String) throws(ObjectiveError) {
    guard let missing = ObjectiveCapability.allCases.first(where: subtracting(given).contains) else { return }
    throw .lacks(missing, objective: objective, method: method)
  }
}
