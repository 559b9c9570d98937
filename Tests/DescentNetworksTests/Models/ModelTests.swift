import Descent
import Testing

@testable import DescentNetworks

@Suite struct ModelTests {
  static let convolutionalCount =
    (75 * 64 + 64) + (25 * 64 * 64 + 64) + (25 * 64 * 128 + 128) + (4 * 4 * 128 * 1000 + 1000) + 10_010
  static let autoencoderCount = 2 * (784 * 500 + 50 * 500) + 25_000 + 500 + 2 * 50 + 500 + 784
  static let sizes: [(name: String, inputShape: [Int], parameterCount: Int)] = [
    ("logistic", [784], 7850), ("logistic", [28, 28, 1], 7850), ("mlp", [28, 28, 1], 785_000 + 1_001_000 + 10_010),
    ("cnn", [32, 32, 3], convolutionalCount), ("vae", [28, 28, 1], autoencoderCount),
  ]

  @Test(arguments: sizes)
  func hasThePapersSize(_ name: String, _ inputShape: [Int], _ parameterCount: Int) throws {
    let model = try ModelCatalogue.model(named: name, inputShape: inputShape, classCount: 10)
    #expect(model.layout.parameterCount == parameterCount)
    #expect(model.inputShape == inputShape)
    #expect(model.classCount == (name == "vae" ? nil : 10))
  }

  @Test func everyModelLearnsAFewExamples() throws {
    for entry in ModelCatalogue.entries {
      let options = entry.options.contains { $0.name == "hidden" } ? ["hidden": "20"] : [:]
      let model = try ModelCatalogue.model(named: entry.name, inputShape: [8, 8, 1], classCount: 3, options: options)
      var batch = randomBatch([6, 8, 8, 1], labels: [0, 1, 2, 2, 1, 0])
      if entry.name == "vae", case .dense(let values, let shape) = batch.inputs {
        batch.inputs = .dense(values.map { $0 > 0 ? 1 : 0 }, shape: shape)
      }
      try expectDescent(model, batch)
    }
  }

  /// Twenty small steps down the gradient must lower the loss, each by about rate·‖g‖².
  func expectDescent(_ model: some Model, _ batch: Batch) throws {
    let engine = Engine()
    var θ = model.initialParameters(seed: 1)
    var g = ParameterVector<Float>(zeros: model.layout)
    let noise = RandomStream(seed: 1, name: "noise")
    var losses: [Double] = []
    for _ in 0..<20 {
      losses.append(try engine.gradient(of: model, batch, at: θ, into: &g, noise: noise).loss)
      let norm = g.values.reduce(0.0) { $0 + Double($1) * Double($1) }
      let rate = Float(min(0.1, 0.05 * losses.last! / norm))
      θ.withUnsafeMutableElements { θ in
        g.withUnsafeElements { g in for i in θ.indices { θ[i] -= rate * g[i] } }
      }
    }
    #expect(losses.last! < 0.9 * losses[0], "\(losses)")
  }

  @Test func variationalAutoencoderGradient() throws {
    let model = try VariationalAutoencoder(inputShape: [3, 3, 1], hiddenUnits: 7, latentCount: 3)
    let values = randomValues(4 * 9).map { abs($0) }
    try expectGradientIsRight(model, Batch(inputs: .dense(values, shape: [4, 3, 3, 1])))
  }

  @Test func wrongNamesAndOptionsAreRefused() throws {
    func refusal(_ name: String, _ options: [String: String] = [:]) -> String? {
      do {
        _ = try ModelCatalogue.model(named: name, inputShape: [8, 8, 1], classCount: 10, options: options)
        return nil
      } catch {
        return error.description
      }
    }
    #expect(refusal("mpl")?.contains("logistic, mlp, cnn") == true)
    #expect(refusal("mlp", ["hiden": "3"])?.contains("'hiden'") == true)
    for (name, value) in [
      ("hidden", "0"), ("hidden", "3-"), ("hidden", "a"), ("hidden", ""), ("dropout", "1"), ("dropout", "x"),
      ("activation", "relo"),
    ] {
      let message = try #require(refusal("mlp", [name: value]))
      #expect(message.contains("'mlp'") && message.contains(name) && message.contains("must be"))
    }
    #expect(refusal("vae", ["latent": "0"]) != nil)
    #expect(refusal("mlp", ["hidden": "none"]) == nil)
    // The message states the real problem, not that a billion is not positive.
    #expect(refusal("mlp", ["hidden": "1000000-1000000"])?.contains("too many: 4.0 TB of memory are needed") == true)
    #expect(refusal("mlp", ["hidden": "1000000000"])?.contains("too many: 300 GB of memory are needed") == true)
    #expect(refusal("mlp", ["hidden": "99999999999999999999"])?.contains("from 1 to 1099511627776") == true)
    #expect(refusal("mlp", ["hidden": "1000000000000"])?.contains("more numbers than any memory holds") == false)
    #expect(refusal("mlp", ["hidden": "1000000000000-1000000000000"])?.contains("any memory holds") == true)
    #expect(refusal("vae", ["hidden": "1000000", "latent": "1000000"])?.contains("too many") == true)
    #expect(throws: NetworkError.self) {
      try ModelCatalogue.model(named: "mlp", inputShape: [8, 8, 1], classCount: 0)
    }
  }
}
