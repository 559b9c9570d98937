import Descent

/// Why a network, a batch or an operation is refused.
public enum NetworkError: Error, Hashable, CustomStringConvertible {
  /// A layer or operation got an input it cannot take; `expected` describes what it takes, in words or numbers.
  case shape(layer: String, expected: String, found: [Int])
  /// An option of a layer or model is outside its range.
  case option(owner: String, name: String, value: String, range: String)
  /// A model or an option that does not exist.
  case unknown(UnknownName)
  /// An option of a model has no effect unless another is set.
  case withoutEffect(model: String, name: String, needs: String)
  /// A model's parameters cannot be laid out.
  case parameters(String)
  /// A vector has another layout than the model.
  case vector(String)
  case sparseInput(operation: String)
  /// Labels cannot be drawn from the model's predictions.
  case noLikelihood
  /// Statistics of layers are wanted, and two layers have the same weights.
  case sharedWeights(String)
  case valueCount(expected: Int, found: Int, shape: [Int])
  case emptyBatch
  case labelCount(expected: Int, found: Int)
  case label(Int32, example: Int, classCount: Int)
  /// The computation does not fit into the memory.
  case tooLarge(String, MemoryShortage)
  case oneDNN(operation: String, status: Int32, version: String)

  public var description: String {
    switch self {
    case .shape(let layer, let expected, let found):
      "layer '\(layer)' expects input of shape \(expected), but its input has shape \(found): "
        + "change the layer or what comes before it"
    case .option(let owner, let name, let value, let range):
      "'\(owner)': \(name) is \(value), but must be \(range)"
    case .unknown(let name): "\(name)"
    case .withoutEffect(let model, let name, let needs):
      "model '\(model)': \(name) has no effect without \(needs): set that too, or leave \(name) out"
    case .parameters(let reason):
      "the model's parameters: \(reason)"
    case .vector(let difference):
      "the vector does not hold this model's parameters: \(difference)"
    case .sparseInput(let operation):
      "operation '\(operation)' takes no sparse rows: put a dense layer before it, or make the input dense"
    case .noLikelihood:
      "the model's loss is not minus the logarithm of a likelihood, so that no labels can be drawn from its predictions: "
        + "take the batch's own (labels=given), or another model"
    case .sharedWeights(let name):
      "'\(name)' is used by more than one layer, so that its statistics are no layer's: choose a method without statistics of "
        + "layers, such as adam"
    case .valueCount(let expected, let found, let shape):
      "a batch of shape \(shape) takes \(expected) values, \(found) were given"
    case .emptyBatch:
      "the batch holds no examples: give it at least one"
    case .labelCount(let expected, let found):
      "the batch has \(expected) examples, but \(found) labels: give every example one label"
    case .label(let label, let example, let classCount):
      "example \(example) of the batch has label \(label), but the model has \(classCount) classes: "
        + "labels must lie in 0..<\(classCount)"
    case .tooLarge(let what, let shortage):
      "\(what) is too large: \(shortage)"
    case .oneDNN(let operation, let status, let version):
      "oneDNN \(version) failed in \(operation) with status \(status)"
        + (status == 1 ? ": out of memory, use a smaller batch" : "")
    }
  }
}
