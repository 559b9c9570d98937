import Descent

/// A symmetric autoencoder of dense layers: Hinton and Salakhutdinov, "Reducing the dimensionality of data with neural
/// networks", Science 313 (2006), and the optimization papers after it (Martens 2010; Sutskever et al. 2013; Martens and
/// Grosse 2015).
///
/// The layers [1000, 500, 250, 30] make 784-1000-500-250-30-250-500-1000-784: the last one is the code. The decoder's
/// weights are its own. Inputs lie in [0, 1] for cross-entropy.
public struct Autoencoder: Model {
  /// How an example is compared with what the network makes of it: summed over its numbers, a mean over the batch.
  public enum Reconstruction: String, CaseIterable, Codable, Sendable {
    /// Sigmoid outputs and their cross-entropy.
    case crossentropy
    /// Linear outputs and half of their squared distance.
    case squared
  }

  public let network: Sequential
  public let layout: ParameterLayout
  public let reconstruction: Reconstruction
  private let parameters: ParameterList

  public var inputShape: [Int] { network.inputShape }
  public var classCount: Int? { nil }
  public var activationCount: Int { network.activationCount }

  /// - Parameters:
  ///   - inputShape: Extents of one example.
  ///   - layers: Units of the encoder's layers, the code last; at least one.
  ///   - activation: Of the hidden layers.
  ///   - codeActivation: Of the code layer.
  ///   - reconstruction: The loss.
  ///   - initializer: First values of the weights; nil for each activation's own.
  /// - Throws: ``NetworkError`` if a size is out of range.
  public init(
    inputShape: [Int], layers: [Int] = [1000, 500, 250, 30], activation: Activation = .relu,
    codeActivation: Activation = .identity, reconstruction: Reconstruction = .crossentropy,
    initializer: Initializer? = nil
  ) throws(NetworkError) {
    guard let code = layers.last else {
      throw .option(owner: "autoencoder", name: "layers", value: "none", range: "at least one size")
    }
    let hidden = layers.dropLast()
    var stack: [any Layer] = inputShape.count == 1 ? [] : [Flatten()]
    stack += hidden.map { Dense($0, activation: activation, initializer: initializer) }
    stack.append(Dense(code, activation: codeActivation, initializer: initializer))
    stack += hidden.reversed().map { Dense($0, activation: activation, initializer: initializer) }
    stack.append(Dense(inputShape.reduce(1, *), initializer: initializer))
    var parameters = ParameterList()
    network = try Sequential(inputShape: inputShape, stack, declaring: &parameters)
    layout = try parameters.layout()
    self.parameters = parameters
    self.reconstruction = reconstruction
  }

  public func initialParameters(seed: UInt64) -> ParameterVector<Float> {
    parameters.initialValues(seed: seed, layout: layout)
  }

  public func loss(of input: Tensor, labels: [Int32], on tape: Tape) throws(NetworkError) -> Loss {
    let output = try network(input, on: tape)
    let targets = try tape.reshape(input, to: output.exampleShape)
    return switch reconstruction {
    case .crossentropy: try tape.sigmoidCrossEntropy(output, targets: targets)
    case .squared: 0.5 * (try tape.squaredError(output, targets: targets))
    }
  }
}

extension ModelCatalogue {
  static let autoencoder = Entry(
    name: "autoencoder", summary: "symmetric autoencoder, 1000-500-250-30 by default",
    paper: "Hinton and Salakhutdinov, Science 313 (2006); Martens and Grosse (ICML 2015), section 13",
    options: [
      ("layers", "sizes of the encoder's layers, the code last (1000-500-250-30)"),
      ("activation", "of the hidden layers: relu, tanh, sigmoid, softplus, identity (relu)"),
      ("code", "activation of the code layer: identity, relu, tanh, sigmoid, softplus (identity)"),
      ("loss", "crossentropy of sigmoid outputs, or squared: half the squared distance (crossentropy)"),
      ModelOptions.initializerOption,
    ],
    takesSparseInput: false
  ) { inputShape, _, options throws(NetworkError) in
    try Autoencoder(
      inputShape: inputShape, layers: options.sizes("layers", default: [1000, 500, 250, 30]),
      activation: options.activation("activation", default: .relu),
      codeActivation: options.activation("code", default: .identity),
      reconstruction: options.choice("loss", default: .crossentropy), initializer: options.initializer("init"))
  }
}
