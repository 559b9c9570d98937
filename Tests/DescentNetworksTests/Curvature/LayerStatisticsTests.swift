import Descent
import RealModule
import Testing

@testable import DescentNetworks

/// What a batch says of its layers, and of the gradient with labels drawn from the model's predictions.
@Suite struct LayerStatisticsTests {
  private let noise = RandomStream(seed: 3, name: "noise")

  private static let models: [(name: String, shape: [Int], options: [String: String])] = [
    ("mlp", [5, 5, 1], ["hidden": "12-7", "activation": "tanh"]), ("mlp", [9], ["hidden": "6", "dropout": "0.5"]),
    ("smallcnn", [8, 8, 1], [:]), ("autoencoder", [4, 4, 1], ["layers": "7-3", "code": "sigmoid"]),
    ("autoencoder", [6], ["layers": "4", "loss": "squared"]),
  ]

  private func made(_ i: Int, examples: Int = 6) throws -> (model: any Model, batch: Batch) {
    let (name, shape, options) = Self.models[i]
    let model = try ModelCatalogue.model(named: name, inputShape: shape, classCount: 3, options: options)
    let count = examples * shape.reduce(1, *)
    let values = randomValues(count).map { model.classCount == nil ? abs($0) : $0 }
    let labels = (0..<Int32(examples)).map { $0 % 3 }
    return (model, Batch(inputs: .dense(values, shape: [examples] + shape), labels: labels))
  }

  /// Σ of the outer products of a layer's inputs and output gradients, with the bias as a last row, by layer.
  private func products(
    _ objective: BatchObjective, at θ: ParameterVector<Float>, into g: inout ParameterVector<Float>,
    _ labels: CurvatureLabels
  ) throws -> [[Double]] {
    let layers = θ.layout.factoredLayers
    var sums = layers.map { [Double](repeating: 0, count: ($0.inputCount + 1) * $0.outputCount) }
    _ = try objective.value(at: θ, gradient: &g, labels: labels) { part in
      let (x, dy) = (part.inputs, part.outputGradients)
      #expect(x.rows == dy.rows && x.rows == part.exampleCount * part.placeCount)
      #expect(x.columns == layers[part.layer].inputCount && dy.columns == layers[part.layer].outputCount)
      for row in 0..<x.rows {
        for j in 0..<dy.columns {
          let d = Double(dy.elements[row * dy.columns + j])
          for i in 0..<x.columns {
            sums[part.layer][i * dy.columns + j] += Double(x.elements[row * x.columns + i]) * d
          }
          sums[part.layer][x.columns * dy.columns + j] += d
        }
      }
    }
    return sums
  }

  private func expect(
    _ sums: [[Double]], equal g: ParameterVector<Float>, sourceLocation: SourceLocation = #_sourceLocation
  ) throws {
    for (sum, layer) in zip(sums, g.layout.factoredLayers) {
      let blocks = g.layout.blocks
      let gradient = try g.values(of: blocks[layer.weight].name) + g.values(of: blocks[layer.bias!].name)
      let largest = gradient.reduce(0) { max($0, abs($1)) }
      for (a, b) in zip(sum, gradient) {
        #expect(abs(a - Double(b)) <= 2e-6 * Double(largest), sourceLocation: sourceLocation)
      }
    }
  }

  /// With the batch's labels the outer products add up to the gradient, the windows of convolutions included; with drawn
  /// labels to the gradient with drawn labels, for which the same labels are drawn.
  @Test(arguments: models.indices)
  func outerProductsAddUpToTheGradient(_ i: Int) throws {
    let (model, batch) = try made(i)
    let θ = model.initialParameters(seed: 2)
    let objective = BatchObjective(batch, of: model, on: Engine(threadCount: 1), noise: noise)
    var (plain, g, drawn) = (
      ParameterVector<Float>(zeros: θ.layout), ParameterVector<Float>(zeros: θ.layout),
      ParameterVector<Float>(zeros: θ.layout)
    )
    let value = try objective.value(at: θ, gradient: &plain)
    try expect(products(objective, at: θ, into: &g, .given), equal: plain)
    #expect(g == plain)
    #expect(try objective.value(at: θ, gradient: &g, sampledGradient: &drawn) == value)
    #expect(g == plain && drawn != plain)
    g.setToZero()
    try expect(products(objective, at: θ, into: &g, .sampled), equal: drawn)
    #expect(g == plain)
  }

  /// The threads change no bit of a network of dense layers; oneDNN's convolutions depend on their number.
  @Test(arguments: models.indices.filter { models[$0].name != "smallcnn" })
  func threadsChangeNoBit(_ i: Int) throws {
    let (model, batch) = try made(i, examples: 40)
    let θ = model.initialParameters(seed: 2)
    func drawn(_ threads: Int) throws -> [ParameterVector<Float>] {
      let objective = BatchObjective(batch, of: model, on: Engine(threadCount: threads), noise: noise)
      var (g, drawn) = (ParameterVector<Float>(zeros: θ.layout), ParameterVector<Float>(zeros: θ.layout))
      _ = try objective.value(at: θ, gradient: &g, sampledGradient: &drawn)
      return [g, drawn]
    }
    #expect(try drawn(1) == drawn(2))
  }

  /// The second moment of the gradients by a layer's outputs, over drawn labels, is the expectation over all labels:
  /// Σₖ pₖ (p − eₖ)(p − eₖ)ᵀ for classes, p (1 − p) for pixels, 1 for half a squared distance.
  @Test func drawnLabelsHaveTheModelsDistribution() throws {
    let count = 40_000
    func secondMoments(_ model: some Model, _ example: [Float]) throws -> [Double] {
      let values = Array(repeatElement(example, count: count).joined())
      let batch = Batch(
        inputs: .dense(values, shape: [count, example.count]), labels: [Int32](repeating: 0, count: count))
      var θ = model.initialParameters(seed: 4)
      θ.scale(by: 2)
      let (layer, outputs) = (model.layout.factoredLayers.count - 1, model.layout.factoredLayers.last!.outputCount)
      var sums = [Double](repeating: 0, count: outputs * outputs)
      var g = ParameterVector<Float>(zeros: θ.layout)
      let objective = BatchObjective(batch, of: model, on: Engine(threadCount: 1), noise: noise)
      _ = try objective.value(at: θ, gradient: &g, labels: .sampled) { part in
        guard part.layer == layer else { return }
        for row in 0..<part.outputGradients.rows {
          let d = (0..<outputs).map { Double(part.outputGradients.elements[row * outputs + $0]) * Double(count) }
          for i in 0..<outputs { for j in 0..<outputs { sums[i * outputs + j] += d[i] * d[j] } }
        }
      }
      return sums.map { $0 / Double(count) }
    }
    func outputs(_ weights: [Float], _ x: [Float], _ n: Int) -> [Double] {
      (0..<n).map { j in x.indices.reduce(0.0) { $0 + Double(x[$1]) * Double(weights[$1 * n + j]) } }
    }
    // Five standard errors of a mean of `count` numbers between −1 and 1.
    let bound = 5 / Double(count).squareRoot()

    let x: [Float] = [0.3, -0.8, 0.6]
    let classifier = try Classifier(inputShape: [3], layers: [Dense(4)])
    var θ = classifier.initialParameters(seed: 4)
    θ.scale(by: 2)
    let exponentials = outputs(try θ.values(of: "dense1.weight"), x, 4).map(Double.exp)
    let p = exponentials.map { $0 / exponentials.reduce(0, +) }
    let moments = try secondMoments(classifier, x)
    for i in 0..<4 {
      for j in 0..<4 {
        #expect(abs(moments[i * 4 + j] - ((i == j ? p[i] : 0) - p[i] * p[j])) < bound)
      }
    }

    for loss in [Autoencoder.Reconstruction.crossentropy, .squared] {
      let autoencoder = try Autoencoder(inputShape: [3], layers: [2], reconstruction: loss)
      var θ = autoencoder.initialParameters(seed: 4)
      θ.scale(by: 2)
      let code = outputs(try θ.values(of: "dense1.weight"), x, 2).map { Float($0) }
      let logits = outputs(try θ.values(of: "dense2.weight"), code, 3)
      let moments = try secondMoments(autoencoder, x)
      for i in 0..<3 {
        let p = 1 / (1 + Double.exp(-logits[i]))
        let variance = loss == .squared ? 1 : p * (1 - p)
        // The fourth moment of a normal number is 3.
        for j in 0..<3 { #expect(abs(moments[i * 3 + j] - (i == j ? variance : 0)) < 2 * bound) }
      }
    }
  }

  /// A loss that is no likelihood has no labels to draw; sparse rows have no statistics; an error of the closure is passed on.
  @Test func whatCannotBeGivenIsRefused() throws {
    let vae = try VariationalAutoencoder(inputShape: [4], hiddenUnits: 3, latentCount: 2)
    var g = ParameterVector<Float>(zeros: vae.layout)
    var drawn = g
    let objective = BatchObjective(
      Batch(inputs: .dense([0, 1, 0, 1], shape: [1, 4])), of: vae, on: Engine(threadCount: 1), noise: noise)
    #expect(throws: NetworkError.noLikelihood) {
      try objective.value(at: vae.initialParameters(seed: 1), gradient: &g, sampledGradient: &drawn)
    }
    let (model, batch) = try made(1)
    g = ParameterVector(zeros: model.layout)
    struct Refusal: Error {}
    #expect(throws: Refusal.self) {
      try BatchObjective(batch, of: model, on: Engine(threadCount: 1), noise: noise)
        .value(at: model.initialParameters(seed: 1), gradient: &g, labels: .given) { _ in throw Refusal() }
    }
  }

  /// A dense layer that the loss does not reach has the gradient 0, whatever the memory held before.
  @Test func layersOutsideOfTheLossHaveNoGradient() throws {
    var parameters = ParameterList()
    let weights = ["body", "head"].map {
      parameters.declare("\($0).weight", shape: [3, 3], initializer: .glorotUniform)
    }
    let biases = ["body", "head"].map { parameters.declare("\($0).bias", shape: [3], initializer: .zeros) }
    let model = try Probe(inputShape: [3], parameters: parameters) { x, labels, tape throws(NetworkError) in
      let h = try tape.linear(x, weight: weights[0], bias: biases[0], activation: .tanh)
      _ = try tape.linear(h, weight: weights[1], bias: biases[1], activation: .tanh)
      return try tape.softmaxCrossEntropy(h, labels: labels)
    }
    let objective = BatchObjective(
      randomBatch([4, 3], labels: [0, 1, 2, 0]), of: model, on: Engine(threadCount: 1), noise: noise)
    let θ = model.initialParameters(seed: 1)
    var g = ParameterVector<Float>(zeros: θ.layout)
    g.fill { 1e3 }
    for labels in CurvatureLabels.allCases {
      _ = try objective.value(at: θ, gradient: &g, labels: labels) { _ in }
      #expect(try g.values(of: "head.weight").allSatisfy { $0 == 0 })
      #expect(try g.values(of: "body.weight").contains { $0 != 0 })
    }
  }

  /// A layer with noise before the loss: the gradient with drawn labels is that of one of the labels.
  @Test func noiseIsTheSameInBothPasses() throws {
    var parameters = ParameterList()
    let weights = ["mean", "variance"].map {
      parameters.declare("\($0).weight", shape: [3, 3], initializer: .glorotUniform)
    }
    let biases = ["mean", "variance"].map { parameters.declare("\($0).bias", shape: [3], initializer: .zeros) }
    let model = try Probe(inputShape: [3], parameters: parameters) { x, labels, tape throws(NetworkError) in
      let μ = try tape.linear(x, weight: weights[0], bias: biases[0], activation: .identity)
      let v = try tape.linear(x, weight: weights[1], bias: biases[1], activation: .identity)
      return try tape.softmaxCrossEntropy(tape.gaussianSample(mean: μ, logVariance: v), labels: labels)
    }
    let θ = model.initialParameters(seed: 1)
    func gradients(_ label: Int32) throws -> (given: ParameterVector<Float>, drawn: ParameterVector<Float>) {
      let objective = BatchObjective(
        randomBatch([1, 3], labels: [label]), of: model, on: Engine(threadCount: 1), noise: noise)
      var (given, drawn) = (ParameterVector<Float>(zeros: θ.layout), ParameterVector<Float>(zeros: θ.layout))
      _ = try objective.value(at: θ, gradient: &given, sampledGradient: &drawn)
      return (given, drawn)
    }
    let all = try (0..<3).map { try gradients($0) }
    for (_, drawn) in all {
      let isOne = all.contains { given, _ in
        zip(given.values, drawn.values).allSatisfy { abs($0 - $1) < 1e-6 }
      }
      #expect(isOne)
    }
  }

  @Test func sharedWeightsAreRefused() throws {
    var parameters = ParameterList()
    let weight = parameters.declare("tied.weight", shape: [3, 3], initializer: .glorotUniform)
    let bias = parameters.declare("tied.bias", shape: [3], initializer: .zeros)
    let model = try Probe(inputShape: [3], parameters: parameters) { x, labels, tape throws(NetworkError) in
      let h = try tape.linear(x, weight: weight, bias: bias, activation: .tanh)
      return try tape.softmaxCrossEntropy(
        tape.linear(h, weight: weight, bias: bias, activation: .identity), labels: labels)
    }
    let objective = BatchObjective(
      randomBatch([4, 3], labels: [0, 1, 2, 0]), of: model, on: Engine(threadCount: 1), noise: noise)
    let θ = model.initialParameters(seed: 1)
    var g = ParameterVector<Float>(zeros: θ.layout)
    #expect(throws: NetworkError.sharedWeights("tied.weight")) {
      try objective.value(at: θ, gradient: &g, labels: .given) { _ in }
    }
  }
}
