import Descent

/// A network whose outputs are the logits of classes, trained on softmax cross-entropy.
///
/// ```swift
/// let model = try Classifier(
///   inputShape: [28, 28, 1],
///   layers: [Flatten(), Dense(1000, activation: .relu), Dense(1000, activation: .relu), Dense(10)])
/// ```
public struct Classifier: Model {
  public let network: Sequential
  public let layout: ParameterLayout
  public let classCount: Int?
  private let parameters: ParameterList

  public var inputShape: [Int] { network.inputShape }
  public var activationCount: Int { network.activationCount }

  /// - Parameters:
  ///   - inputShape: Extents of one example.
  ///   - layers: The layers; the last one's output has one number for each class.
  /// - Throws: ``NetworkError`` if a layer cannot take its input; it names the layer and both shapes.
  public init(inputShape: [Int], layers: [any Layer]) throws(NetworkError) {
    var parameters = ParameterList()
    network = try Sequential(inputShape: inputShape, layers, declaring: &parameters)
    guard network.outputShape.count == 1 else {
      throw .shape(layer: "softmax", expected: "[classes]", found: network.outputShape)
    }
    classCount = network.outputShape[0]
    layout = try parameters.layout()
    self.parameters = parameters
  }

  public func initialParameters(seed: UInt64) -> ParameterVector<Float> {
    parameters.initialValues(seed: seed, layout: layout)
  }

  public func loss(of input: Tensor, labels: [Int32], on tape: Tape) throws(NetworkError) -> Loss {
    try tape.softmaxCrossEntropy(network(input, on: tape), labels: labels)
  }
}
