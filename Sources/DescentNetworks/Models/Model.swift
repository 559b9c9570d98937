import Descent

/// Something that can be trained: it has parameters and a loss.
///
/// A model is a value that does not hold its parameters: they are in a vector θ with its ``layout``.
public protocol Model: Sendable {
  /// Names, shapes and places of the parameters.
  var layout: ParameterLayout { get }
  /// Extents of one example, without the batch: [features] or [height, width, channels].
  var inputShape: [Int] { get }
  /// Number of classes that labels come from; nil for models that use no labels.
  var classCount: Int? { get }
  /// About how many numbers a forward pass keeps for each example: the outputs of all layers. 0 unless the model says
  /// otherwise. What a batch needs of memory is estimated from it.
  var activationCount: Int { get }

  /// Whether the loss is minus the logarithm of a likelihood, so that labels can be drawn from the model's predictions. True
  /// unless the model says otherwise.
  var drawsLabels: Bool { get }

  /// First values of θ; the same for the same seed.
  func initialParameters(seed: UInt64) -> ParameterVector<Float>

  /// The loss of a batch, a mean over its examples.
  ///
  /// - Parameters:
  ///   - input: [batch] + ``inputShape``, dense or sparse.
  ///   - labels: One for each example, in 0..<``classCount``.
  ///   - tape: Applies the operations and records them.
  /// - Throws: ``NetworkError`` if input or labels do not fit the model.
  func loss(of input: Tensor, labels: [Int32], on tape: Tape) throws(NetworkError) -> Loss
}

extension Model {
  public var activationCount: Int { 0 }
  public var drawsLabels: Bool { true }
}
