import Descent
import Testing

@testable import DescentNetworks

@Suite struct LossTests {
  /// One linear layer followed by `loss`; 3 examples with 5 outputs each.
  static func model(
    outputs: Int = 5, _ loss: @escaping @Sendable (Tensor, Tape) throws(NetworkError) -> Loss
  ) throws -> Probe {
    var parameters = ParameterList()
    let weight = parameters.declare("weight", shape: [4, outputs], initializer: .heNormal)
    let bias = parameters.declare("bias", shape: [outputs], initializer: .zeros)
    return try Probe(inputShape: [4], parameters: parameters) { x, _, tape throws(NetworkError) in
      try loss(tape.linear(x, weight: weight, bias: bias), tape)
    }
  }

  /// The loss of given outputs: the weight is zero, and the bias holds the outputs.
  static func value(
    of outputs: [Float], _ loss: @escaping @Sendable (Tensor, Tape) throws(NetworkError) -> Loss
  ) throws -> BatchResult {
    let model = try model(outputs: outputs.count, loss)
    var θ = ParameterVector<Float>(zeros: model.layout)
    try θ.assign(outputs, to: "bias")
    return try Engine().evaluate(model, randomBatch([1, 4]), at: θ)
  }

  static let logits: [Float] = [-90, -20, -3.5, -1, -1e-4, 0, 0.3, 2, 7, 30, 100, 12, 13, 14, 15, 16, 17.5]

  @Test func softmaxCrossEntropy() throws {
    let total = Self.logits.reduce(0) { $0 + exponential(Double($1) - 100) }
    for label in Self.logits.indices {
      let result = try Self.value(of: Self.logits) { x, tape throws(NetworkError) in
        try tape.softmaxCrossEntropy(x, labels: [Int32(label)])
      }
      let expected = naturalLogarithm(total) + 100 - Double(Self.logits[label])
      #expect(abs(result.loss - expected) <= 1e-6 * max(1, expected))
      #expect(result.correct == (label == 10 ? 1 : 0))
    }
  }

  @Test func sigmoidCrossEntropy() throws {
    for t: Float in [0, 0.25, 1] {
      let result = try Self.value(of: Self.logits) { x, tape throws(NetworkError) in
        let targets = tape.tensor(x.shape, isDifferentiable: false)
        targets.mutableElements.update(repeating: t, count: x.count)
        return try tape.sigmoidCrossEntropy(x, targets: targets)
      }
      let expected = Self.logits.reduce(0.0) { sum, x in
        let x = Double(x)
        return sum + max(x, 0) - x * Double(t) + naturalLogarithm(1 + exponential(-abs(x)))
      }
      #expect(abs(result.loss - expected) <= 2e-6 * max(1, expected))
      #expect(result.correct == nil)
    }
  }

  @Test func gaussianDivergence() throws {
    let μ: [Float] = [-3, -0.1, 0, 0.5, 2]
    let v: Float = -0.7
    let result = try Self.value(of: μ) { x, tape throws(NetworkError) in
      let variance = tape.tensor(x.shape)
      variance.mutableElements.update(repeating: v, count: x.count)
      return try tape.gaussianDivergence(mean: x, logVariance: variance)
    }
    let expected = μ.reduce(0.0) {
      $0 + 0.5 * (Double($1) * Double($1) + exponential(Double(v)) - Double(v) - 1)
    }
    #expect(abs(result.loss - expected) < 1e-6)
  }

  @Test func sampleHasTheMeanAndVariance() throws {
    let count = 20_000
    let model = try Probe(inputShape: [1], parameters: ParameterList()) { x, _, tape throws(NetworkError) in
      let (mean, v) = (tape.tensor([1, count]), tape.tensor([1, count]))
      mean.mutableElements.update(repeating: 3, count: count)
      v.mutableElements.update(repeating: 2 * Float(naturalLogarithm(0.5)), count: count)
      let z = try tape.gaussianSample(mean: mean, logVariance: v)
      // The variance about 3 must be ¼: standard deviation of the estimate ¼ √(2/n).
      return try tape.squaredError(z, targets: mean)
    }
    let θ = ParameterVector<Float>(zeros: model.layout)
    let variance = try Engine().evaluate(model, randomBatch([1, 1]), at: θ).loss / Double(count)
    #expect(abs(variance - 0.25) < 5 * 0.25 * (2 / Double(count)).squareRoot())
  }

  @Test func gradients() throws {
    let batch = randomBatch([3, 4], scale: 2)
    try expectGradientIsRight(
      Self.model { x, tape throws(NetworkError) in try tape.softmaxCrossEntropy(x, labels: [4, 0, 2]) }, batch)
    try expectGradientIsRight(
      Self.model(outputs: 19) { x, tape throws(NetworkError) in
        try tape.softmaxCrossEntropy(x, labels: [18, 0, 15])
      }, batch)
    try expectGradientIsRight(
      Self.model { x, tape throws(NetworkError) in try tape.sigmoidCrossEntropy(x, targets: target(of: x)) }, batch)
    try expectGradientIsRight(
      Self.model { x, tape throws(NetworkError) in try tape.squaredError(x, targets: target(of: x)) }, batch)
  }

  @Test func gradientsOfWeightedSums() throws {
    // The two halves of the outputs are a mean and a log-variance; the same tensor enters several losses.
    var parameters = ParameterList()
    let weights = ["mean", "variance"].map {
      (
        parameters.declare("\($0).weight", shape: [4, 3], initializer: .heNormal),
        parameters.declare("\($0).bias", shape: [3], initializer: .zeros)
      )
    }
    let model = try Probe(inputShape: [4], parameters: parameters) { x, _, tape throws(NetworkError) in
      let μ = try tape.linear(x, weight: weights[0].0, bias: weights[0].1)
      let v = try tape.linear(x, weight: weights[1].0, bias: weights[1].1)
      let z = try tape.gaussianSample(mean: μ, logVariance: v)
      return try tape.squaredError(z, targets: target(of: z))
        + 0.25 * tape.gaussianDivergence(mean: μ, logVariance: v)
        + 2 * (tape.sigmoidCrossEntropy(μ, targets: target(of: μ)) + tape.softmaxCrossEntropy(z, labels: [0, 1, 2]))
    }
    try expectGradientIsRight(model, randomBatch([3, 4]))
  }

  @Test func notANumberReachesTheLoss() throws {
    let result = try Self.value(of: [1, .nan, 3]) { x, tape throws(NetworkError) in
      try tape.softmaxCrossEntropy(x, labels: [0])
    }
    #expect(result.loss.isNaN)
  }

  @Test func labelsAreChecked() throws {
    let model = try Classifier(inputShape: [4], layers: [Dense(3)])
    let θ = model.initialParameters(seed: 0)
    for labels: [Int32] in [[0, 3], [-1, 0], [0], [0, 1, 2], []] {
      #expect(throws: NetworkError.self) { try Engine().evaluate(model, randomBatch([2, 4], labels: labels), at: θ) }
    }
    let error = #expect(throws: NetworkError.self) {
      try Engine().evaluate(model, randomBatch([2, 4], labels: [0, 3]), at: θ)
    }
    #expect(error == .label(3, example: 1, classCount: 3))
  }
}
