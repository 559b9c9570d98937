import Descent
import DescentData
import DescentNetworks

/// What a model makes of examples it does not learn from.
public struct Evaluation: Codable, Hashable, Sendable {
  /// Mean over the examples.
  public var loss: Double
  /// In 0...1; nil for a model that classifies nothing.
  public var accuracy: Double?
  public var examples: Int

  /// Examples computed at once: enough for the matrix products, few enough for a convolution's memory.
  private static let batchSize = 256

  init(of model: any Model, on split: Split, at θ: ParameterVector<Float>, engine: Engine) throws {
    var position = Position()
    for batch in BatchSequence(split, batchSize: Self.batchSize) {
      position.add(try engine.evaluate(model, DescentNetworks.Batch(batch), at: θ))
    }
    loss = position.loss
    accuracy = position.accuracy
    examples = position.exampleCount
  }
}

extension DescentNetworks.Batch {
  /// The examples as the engine takes them; no value is copied.
  init(_ batch: DescentData.Batch) {
    let inputs: Inputs =
      switch batch.inputs {
      case .dense(let values, let shape): .dense(values, shape: shape)
      case .sparse(let rows): .sparse(rows)
      }
    self.init(inputs: inputs, labels: batch.labels)
  }
}
