import Descent
import DescentData
import DescentNetworks

/// A model's loss and accuracy on given examples.
public struct Evaluation: Codable, Hashable, Sendable {
  /// The mean over the examples.
  public var loss: Double
  /// In 0...1; nil for a model that is no classifier.
  public var accuracy: Double?
  public var examples: Int

  /// Examples computed at once: enough for fast matrix products, and few enough for a convolution's memory.
  private static let batchSize = 256

  /// Thrown when the evaluation was asked to stop.
  struct Stopped: Error {}

  /// Returns nil if there are no examples, and so no mean.
  /// - Parameter stop: Called after each batch. If it returns true, the evaluation throws ``Stopped``.
  package init?(
    of model: any Model, on split: Split, at θ: ParameterVector<Float>, engine: Engine,
    until stop: () -> Bool = { false }
  ) throws {
    var position = Position()
    for batch in BatchSequence(split, batchSize: Self.batchSize) {
      position.add(try engine.evaluate(model, batch, at: θ))
      if stop() { throw Stopped() }
    }
    guard let loss = position.loss else { return nil }
    self.loss = loss
    accuracy = position.accuracy
    examples = position.exampleCount
  }
}
