import Descent
import Testing

@testable import DescentNetworks

@Suite struct CurvatureDiagonalTests {
  /// The recursion in double precision, to 2 · 10⁻⁶ of each block's largest element.
  @Test(arguments: CurvatureCase.all, CurvatureForm.allCases)
  func isBeckerAndLeCunsRecursion(_ test: CurvatureCase, _ form: CurvatureForm) throws {
    let objective = try test.objective()
    let layout = objective.model.layout
    let θ = try test.start(of: layout)
    var diagonal = try randomVector(layout, scale: 1e3, seed: 3)
    try objective.curvatureDiagonal(at: θ, form, into: &diagonal)
    expectClose(diagonal, test.network().diagonal(at: θ.numbers, form), bound: 2e-6)
    if form == .gaussNewton { #expect(diagonal.numbers.allSatisfy { $0 >= 0 }) }
    #expect(objective.result == nil, "a diagonal is no evaluation")
    // Asked again it has the same bits; with two threads too, but for oneDNN's convolutions.
    var again = ParameterVector<Float>(zeros: layout)
    try objective.curvatureDiagonal(at: θ, form, into: &again)
    #expect(again == diagonal)
    try test.objective(threads: 2).curvatureDiagonal(at: θ, form, into: &again)
    if test.hasConvolutions {
      expectClose(again, diagonal.numbers, bound: 2e-6)
    } else {
      #expect(again == diagonal)
    }
  }

  /// Layers of such sizes that oneDNN wants memory of the pool for its products: what the recursion still needs must not be
  /// given back before.
  @Test func memoryIsKeptUntilItIsUsed() throws {
    let count = 8
    let labels = (0..<count).map { $0 % 10 }
    var test = CurvatureCase(
      "sizes", [784], [Dense(20, activation: .relu), Dense(10)], .softmax(labels),
      [.dense(784, 20, .relu), .dense(20, 10, .identity)])
    test.exampleCount = count
    let layout = try test.model().layout
    let θ = try test.start(of: layout)
    let expected = test.network().diagonal(at: θ.numbers, .gaussNewton)
    for threads in [1, 2] {
      let objective = try test.objective(threads: threads)
      for _ in 1...3 {
        var diagonal = ParameterVector<Float>(zeros: layout)
        try objective.curvatureDiagonal(at: θ, .gaussNewton, into: &diagonal)
        expectClose(diagonal, expected, bound: 2e-5)
      }
    }
  }

  /// Single layers, in which each weight moves one output of each example.
  static let singleLayers: [CurvatureCase] =
    Activation.allCases.flatMap { f in
      [ReferenceNetwork.Loss.softmax([0, 2, 1, 2]), .sigmoid, .squared].map { loss in
        CurvatureCase("\(f) with \(loss)", [4], [Dense(4, activation: f)], loss, [.dense(4, 4, f)])
      }
    } + [
      CurvatureCase(
        "convolution", [3, 3, 2], [Convolution(3, window: 3, padding: .none, activation: .tanh), Flatten()],
        .softmax([0, 2, 1, 2]),
        [.convolution([3, 3, 2], window: 3, stride: 1, margin: 0, filters: 3, .tanh)])
    ]

  /// There nothing is left out: the diagonals are those of the Hessian and of the Gauss–Newton matrix.
  @Test(arguments: singleLayers, CurvatureForm.allCases)
  func isExactForASingleLayer(_ test: CurvatureCase, _ form: CurvatureForm) throws {
    let objective = try test.objective()
    let θ = try test.start(of: objective.model.layout)
    var diagonal = ParameterVector<Float>(zeros: θ.layout)
    try objective.curvatureDiagonal(at: θ, form, into: &diagonal)
    let network = test.network()
    let expected = ReferenceNetwork.diagonal(at: θ.numbers) {
      network.loss(at: $0, isLinearized: form == .gaussNewton)
    }
    expectClose(diagonal, expected, bound: 2e-6)
  }

  /// Samples, divergences, sums and multiples of tensors and losses: each weight moves one output, so that nothing is left
  /// out.
  @Test(arguments: CurvatureForm.allCases)
  func samplesAndSums(_ form: CurvatureForm) throws {
    var parameters = ParameterList()
    let mean = try Sequential(
      inputShape: [2], [Dense(2, activation: .tanh)], declaring: &parameters, prefix: "mean.")
    let logVariance = try Sequential(inputShape: [2], [Dense(2)], declaring: &parameters, prefix: "variance.")
    let model = try Probe(inputShape: [2], parameters: parameters) { x, _, tape throws(NetworkError) in
      let (μ, v) = (try mean(x, on: tape), try logVariance(x, on: tape))
      let z = try tape.gaussianSample(mean: μ, logVariance: v)
      let sum = try tape.add(tape.multiply(z, by: 3), x)
      return try 0.5 * tape.squaredError(sum, targets: x) + tape.gaussianDivergence(mean: μ, logVariance: v)
    }
    let batch = randomBatch([3, 2])
    let objective = BatchObjective(batch, of: model, on: Engine(threadCount: 1), noise: CurvatureCase.noise)
    let θ = try randomVector(model.layout, seed: 5)
    var diagonal = ParameterVector<Float>(zeros: model.layout)
    try objective.curvatureDiagonal(at: θ, form, into: &diagonal)
    guard case .dense(let values, _) = batch.inputs else { return }
    var noise = [Float](repeating: 0, count: 6)
    var stream = CurvatureCase.noise
    noise.withUnsafeMutableBufferPointer { stream.fillNormal($0) }
    let expected = ReferenceNetwork.diagonal(at: θ.numbers) { θ in
      typealias Layer = ReferenceNetwork.Layer
      var θ = θ[...]
      func tensor(_ x: [Float]) -> [[HyperDual]] {
        (0..<3).map { i in (0..<2).map { HyperDual(f: Double(x[i * 2 + $0])) } }
      }
      // Of the model's second derivatives, the Gauss–Newton form keeps none.
      func linearized(_ x: [[HyperDual]]) -> [[HyperDual]] {
        form == .full ? x : x.map { $0.map { HyperDual(f: $0.f, a: $0.a, b: $0.b) } }
      }
      let μ = linearized(Layer.dense(2, 2, .tanh)(tensor(values), &θ))
      let v = linearized(Layer.dense(2, 2, .identity)(tensor(values), &θ))
      var sum = HyperDual(f: 0)
      let ε = tensor(noise)
      let z = linearized((0..<3).map { i in (0..<2).map { μ[i][$0] + ε[i][$0] * HyperDual.exp(0.5 * v[i][$0]) } })
      for i in 0..<3 {
        for j in 0..<2 {
          let (μ, v, z) = (μ[i][j], v[i][j], z[i][j])
          sum += 0.5 * ((3 * z) * (3 * z)) + 0.5 * (μ * μ + HyperDual.exp(v) - v - HyperDual(f: 1))
        }
      }
      return (1 / 3) * sum
    }
    expectClose(diagonal, expected, bound: 2e-6)
  }

  @Test(arguments: CurvatureForm.allCases)
  func sparseRows(_ form: CurvatureForm) throws {
    let model = try Classifier(inputShape: [4], layers: [Dense(5, activation: .tanh), Dense(3)])
    let rows = try SparseRows(
      rowStarts: [0, 2, 3, 3], columns: [0, 3, 2], values: [0.5, -1, 2], columnCount: 4)
    let dense = Batch(inputs: .dense([0.5, 0, 0, -1, 0, 0, 2, 0, 0, 0, 0, 0], shape: [3, 4]), labels: [0, 1, 2])
    let sparse = Batch(inputs: .sparse(rows), labels: [0, 1, 2])
    let θ = try randomVector(model.layout, seed: 5)
    var (a, b) = (ParameterVector<Float>(zeros: model.layout), ParameterVector<Float>(zeros: model.layout))
    let engine = Engine(threadCount: 1)
    try engine.curvatureDiagonal(of: model, dense, at: θ, form, into: &a, noise: CurvatureCase.noise)
    try engine.curvatureDiagonal(of: model, sparse, at: θ, form, into: &b, noise: CurvatureCase.noise)
    expectClose(b, a.numbers, bound: 2e-6)
  }

  /// Where one class has all but 2 · 10⁻⁹ of the probability, 1 − p must not be rounded to 0.
  @Test func softmaxIsExactFarFromTheBoundary() throws {
    let model = try Classifier(inputShape: [1], layers: [Dense(3)])
    var θ = ParameterVector<Float>(zeros: model.layout)
    try θ.assign([20, 0, -1], to: "dense1.bias")
    var diagonal = ParameterVector<Float>(zeros: model.layout)
    let batch = Batch(inputs: .dense([1], shape: [1, 1]), labels: [1])
    try Engine(threadCount: 1).curvatureDiagonal(
      of: model, batch, at: θ, .full, into: &diagonal, noise: CurvatureCase.noise)
    let reference = ReferenceNetwork(layers: [.dense(1, 3, .identity)], loss: .softmax([1]), inputs: [[1]])
    expectClose(diagonal, reference.diagonal(at: θ.numbers, .full), bound: 1e-6)
  }

  @Test func batchesGiveAllCurvature() throws {
    let objective = try CurvatureCase.all[0].objective()
    #expect(objective.capabilities.isSuperset(of: [.curvatureDiagonal, .hessianProducts, .gaussNewtonProducts]))
    var small = ParameterVector<Float>(zeros: try ParameterLayout([("other", [2], .outputsLast)]))
    let θ = try CurvatureCase.all[0].start(of: objective.model.layout)
    #expect(throws: NetworkError.self) { try objective.curvatureDiagonal(at: θ, .full, into: &small) }
  }
}
