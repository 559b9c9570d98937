import Descent

/// The variational autoencoder of Kingma and Welling, "Auto-encoding variational Bayes" (ICLR 2014), with Gaussian latent
/// variables and a Bernoulli decoder.
///
/// The loss is minus the evidence lower bound: the reconstruction loss − ln p(x|z), summed over the pixels, plus the
/// divergence of q(z|x) from N(0, 1). Each example gets one sample of z. Inputs lie in [0, 1].
public struct VariationalAutoencoder: Model {
  public let layout: ParameterLayout
  public let inputShape: [Int]
  public var classCount: Int? { nil }
  /// The evidence bound is no likelihood.
  public var drawsLabels: Bool { false }
  public var activationCount: Int {
    [encoder, mean, logVariance, decoder].reduce(decoder.inputShape.reduce(1, *)) { $0 + $1.activationCount }
  }
  private let parameters: ParameterList
  private let encoder, mean, logVariance, decoder: Sequential

  /// - Parameters:
  ///   - inputShape: Extents of one example.
  ///   - hiddenUnits: Softplus units of the encoder's and of the decoder's hidden layer.
  ///   - latentCount: Number of latent variables.
  ///   - initializer: First values of all weights; nil for Glorot's uniform.
  /// - Throws: ``NetworkError`` if a size is out of range.
  public init(
    inputShape: [Int], hiddenUnits: Int = 500, latentCount: Int = 50, initializer: Initializer? = nil
  ) throws(NetworkError) {
    var parameters = ParameterList()
    let hidden = Dense(hiddenUnits, activation: .softplus, initializer: initializer)
    let pixelCount = inputShape.reduce(1, *)
    encoder = try Sequential(
      inputShape: inputShape, [Flatten(), hidden], declaring: &parameters, prefix: "encoder.")
    mean = try Sequential(
      inputShape: encoder.outputShape, [Dense(latentCount, initializer: initializer)], declaring: &parameters,
      prefix: "mean.")
    logVariance = try Sequential(
      inputShape: encoder.outputShape, [Dense(latentCount, initializer: initializer)], declaring: &parameters,
      prefix: "logvariance.")
    decoder = try Sequential(
      inputShape: [latentCount], [hidden, Dense(pixelCount, initializer: initializer)], declaring: &parameters,
      prefix: "decoder.")
    layout = try parameters.layout()
    self.inputShape = inputShape
    self.parameters = parameters
  }

  public func initialParameters(seed: UInt64) -> ParameterVector<Float> {
    parameters.initialValues(seed: seed, layout: layout)
  }

  public func loss(of input: Tensor, labels: [Int32], on tape: Tape) throws(NetworkError) -> Loss {
    let h = try encoder(input, on: tape)
    let (μ, v) = (try mean(h, on: tape), try logVariance(h, on: tape))
    let z = try tape.gaussianSample(mean: μ, logVariance: v)
    let x = try decoder(z, on: tape)
    let targets = try tape.reshape(input, to: x.exampleShape)
    return try tape.sigmoidCrossEntropy(x, targets: targets) + tape.gaussianDivergence(mean: μ, logVariance: v)
  }
}

extension ModelCatalogue {
  static let variationalAutoencoder = Entry(
    name: "vae", summary: "variational autoencoder, 500 softplus units and 50 latent variables",
    paper: "Kingma and Ba, \"Adam\" (ICLR 2015), section 6.4, after Kingma and Welling (ICLR 2014)",
    options: [("hidden", "softplus units (500)"), ("latent", "latent variables (50)"), ModelOptions.initializerOption],
    takesSparseInput: false
  ) { inputShape, _, options throws(NetworkError) in
    try VariationalAutoencoder(
      inputShape: inputShape, hiddenUnits: options.integer("hidden", default: 500, in: 1...1_000_000),
      latentCount: options.integer("latent", default: 50, in: 1...1_000_000), initializer: options.initializer("init"))
  }
}
