import Descent

/// The loss of a model on one batch, as a function of the model's parameters: what a training step asks.
///
/// ```swift
/// let objective = BatchObjective(batch, of: model, on: engine, noise: noise.substream(step))
/// try optimizer.step(&θ, on: objective)
/// print(objective.result!.loss)
/// ```
///
/// Asked at another point, it is the same batch with the same noise: dropout drops the same units.
public final class BatchObjective: BlockwiseObjective, RepeatableObjective {
  public typealias Scalar = Float

  let batch: Batch
  let model: any Model
  let engine: Engine
  let noise: RandomStream
  /// What the first evaluation found; nil before it.
  public private(set) var result: BatchResult?
  /// The gradient of the first evaluation, if it is kept and was computed as a whole.
  public private(set) var gradient: ParameterVector<Float>?
  /// Whether the gradient of the first evaluation is kept.
  private let keepsGradient: Bool

  /// - Parameters:
  ///   - batch: The examples.
  ///   - model: The model, which computes the loss.
  ///   - engine: Computes it.
  ///   - noise: For dropout and samples; a substream for each step.
  ///   - keepsGradient: Whether ``gradient`` is kept, for those who want to see it after the step.
  public init(
    _ batch: Batch, of model: any Model, on engine: Engine, noise: RandomStream, keepsGradient: Bool = false
  ) {
    self.batch = batch
    self.model = model
    self.engine = engine
    self.noise = noise
    self.keepsGradient = keepsGradient
  }

  public var name: String { "the model" }

  public var capabilities: Set<ObjectiveCapability> {
    guard case .sparse = batch.inputs else { return Self.capabilities(of: model, isSparse: false) }
    return Self.capabilities(of: model, isSparse: true)
  }

  /// What a batch of `model` can give. Rows of sparse inputs have no statistics.
  package static func capabilities(of model: some Model, isSparse: Bool) -> Set<ObjectiveCapability> {
    var known = capabilities
    if !model.drawsLabels { known.subtract([.sampledGradients, .sampledLabels]) }
    if isSparse { known.remove(.layers) }
    return known
  }

  public func value(at θ: ParameterVector<Float>, gradient: inout ParameterVector<Float>) throws -> Double {
    let evaluation = try engine.gradient(of: model, batch, at: θ, into: &gradient, noise: noise)
    return noted(evaluation, gradient)
  }

  /// Records what an evaluation found, if it is the first, and returns the loss.
  private func noted(_ evaluation: BatchResult, _ gradient: ParameterVector<Float>) -> Double {
    if result == nil {
      result = evaluation
      if keepsGradient { self.gradient = gradient }
    }
    return evaluation.loss
  }

  public func value(by step: BlockStep<Float>) throws -> Double {
    let evaluation = try engine.gradient(of: model, batch, for: step, noise: noise)
    result = evaluation
    return evaluation.loss
  }

  /// Draws labels: the same ones however often the objective is asked.
  private var labelStream: RandomStream { RandomStream(seed: noise.key, name: "labels").substream(noise.index) }
}

extension BatchObjective: SampledGradientObjective {
  public var exampleCount: Int { batch.count }

  public func value(
    at θ: ParameterVector<Float>, gradient: inout ParameterVector<Float>, sampledGradient: inout ParameterVector<Float>
  ) throws -> Double {
    let evaluation = try engine.gradient(
      of: model, batch, at: θ, into: &gradient, drawn: &sampledGradient, labels: labelStream, noise: noise)
    return noted(evaluation, gradient)
  }
}

extension BatchObjective: LayerwiseObjective {
  public func value(
    at θ: ParameterVector<Float>, gradient: inout ParameterVector<Float>, labels: CurvatureLabels,
    statistics body: (LayerStatistics<Float>) throws -> Void
  ) throws -> Double {
    try withoutActuallyEscaping(body) { body in
      let observer = LayerObserver(model.layout, engine: engine, body)
      let evaluation = try engine.gradient(
        of: model, batch, at: θ, into: &gradient, observer: observer, labels: labels == .sampled ? labelStream : nil,
        noise: noise)
      if let failure = observer.failure { throw failure }
      return noted(evaluation, gradient)
    }
  }

  public func multiply(
    _ a: MatrixView<Float>, _ b: MatrixView<Float>, into c: UnsafeMutablePointer<Float>, adds: Bool
  ) throws { try engine.multiply(a, b, into: c, adds: adds) }
}
