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

  /// Nil without examples: of none there is no mean.
  init?(of model: any Model, on split: Split, at θ: ParameterVector<Float>, engine: Engine) throws {
    var position = Position()
    for batch in BatchSequence(split, batchSize: Self.batchSize) {
      position.add(try engine.evaluate(model, batch, at: θ))
    }
    guard let loss = position.loss else { return nil }
    self.loss = loss
    accuracy = position.accuracy
    examples = position.exampleCount
  }
}
