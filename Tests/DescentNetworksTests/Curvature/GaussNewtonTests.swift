import Descent
import Testing

@testable import DescentNetworks

@Suite struct GaussNewtonTests {
  /// G v of the engine and of hyper-dual numbers, to 2 · 10⁻⁶ of each block's largest element.
  @Test(arguments: CurvatureCase.all)
  func agreesWithTheMatrix(_ test: CurvatureCase) throws {
    let objective = try test.objective()
    let layout = objective.model.layout
    let (θ, v) = (try test.start(of: layout), try randomVector(layout, seed: 17))
    // Earlier contents of the product must not matter.
    var product = try randomVector(layout, scale: 1e3, seed: 3)
    try objective.gaussNewtonProduct(at: θ, with: v, into: &product)
    let expected = test.network().product(at: θ.numbers, with: v.numbers, isLinearized: true)
    expectClose(product, expected, bound: 2e-6)
    #expect(objective.result == nil, "a product is no evaluation")
  }

  /// uᵀ G v = vᵀ G u, vᵀ G v ≥ 0, and the same bits asked again. With two threads the bits are the same too, but for
  /// oneDNN's convolutions, whose sums are then in another order.
  @Test(arguments: CurvatureCase.all)
  func isSymmetricAndNotNegative(_ test: CurvatureCase) throws {
    let objective = try test.objective()
    let layout = objective.model.layout
    let (θ, u, v) = (
      try test.start(of: layout), try randomVector(layout, seed: 17), try randomVector(layout, seed: 18)
    )
    var (gu, gv, again) = (
      ParameterVector<Float>(zeros: layout), ParameterVector<Float>(zeros: layout),
      ParameterVector<Float>(zeros: layout)
    )
    try objective.gaussNewtonProduct(at: θ, with: u, into: &gu)
    try objective.gaussNewtonProduct(at: θ, with: v, into: &gv)
    try objective.gaussNewtonProduct(at: θ, with: v, into: &again)
    #expect(gv == again)
    try test.objective(threads: 2).gaussNewtonProduct(at: θ, with: v, into: &again)
    if test.hasConvolutions { expectClose(again, gv.numbers, bound: 2e-6) } else { #expect(gv == again) }
    let (uGv, vGu, vGv) = (dot(u, gv), dot(v, gu), dot(v, gv))
    #expect(vGv >= 0)
    #expect(abs(uGv - vGu) <= 2e-6 * (u.sumOfSquares() * gv.sumOfSquares()).squareRoot())
  }

  /// The parts of a loss and a sum of layers: the variational autoencoder, with the same sample of z.
  @Test func variationalAutoencoder() throws {
    let model = try VariationalAutoencoder(inputShape: [4], hiddenUnits: 3, latentCount: 2)
    let batch = Batch(inputs: .dense(randomValues(12).map { abs($0) }, shape: [3, 4]), labels: [])
    let objective = BatchObjective(batch, of: model, on: Engine(threadCount: 1), noise: CurvatureCase.noise)
    let θ = try randomVector(model.layout, scale: 0.8, seed: 5)
    let v = try randomVector(model.layout, seed: 17)
    var product = ParameterVector<Float>(zeros: model.layout)
    try objective.gaussNewtonProduct(at: θ, with: v, into: &product)
    let reference = ReferenceAutoencoder(batch)
    let expected = ReferenceNetwork.product(at: θ.numbers, with: v.numbers) {
      reference.loss(at: $0, isLinearized: true)
    }
    expectClose(product, expected, bound: 2e-6)
  }

  /// Sums and multiples of tensors and of losses: ½ ‖3 f(x W + b) + f(x W + b) − x‖² · 0.5 + the same again.
  @Test func sumsOfTensorsAndLosses() throws {
    var parameters = ParameterList()
    let network = try Sequential(inputShape: [3], [Dense(3, activation: .tanh)], declaring: &parameters)
    let model = try Probe(inputShape: [3], parameters: parameters) { x, _, tape throws(NetworkError) in
      let y = try network(x, on: tape)
      let z = try tape.add(tape.multiply(y, by: 3), y)
      return try 0.5 * tape.squaredError(z, targets: x) + tape.squaredError(y, targets: x)
    }
    let objective = BatchObjective(
      randomBatch([4, 3]), of: model, on: Engine(threadCount: 1), noise: CurvatureCase.noise)
    let (θ, v) = (try randomVector(model.layout, seed: 5), try randomVector(model.layout, seed: 17))
    var product = ParameterVector<Float>(zeros: model.layout)
    try objective.gaussNewtonProduct(at: θ, with: v, into: &product)
    // 0.5 · 4² + 1 times the matrix of ‖f(x W + b) − x‖².
    let one = CurvatureCase("", [3], [Dense(3, activation: .tanh)], .squared, [.dense(3, 3, .tanh)])
    let expected = one.network().product(at: θ.numbers, with: v.numbers, isLinearized: true).map { 9 * $0 }
    expectClose(product, expected, bound: 2e-6)
  }

  @Test func sparseRows() throws {
    let model = try Classifier(inputShape: [4], layers: [Dense(5, activation: .tanh), Dense(3)])
    let rows = try SparseRows(
      rowStarts: [0, 2, 3, 3], columns: [0, 3, 2], values: [0.5, -1, 2], columnCount: 4)
    let dense = Batch(inputs: .dense([0.5, 0, 0, -1, 0, 0, 2, 0, 0, 0, 0, 0], shape: [3, 4]), labels: [0, 1, 2])
    let sparse = Batch(inputs: .sparse(rows), labels: [0, 1, 2])
    let (θ, v) = (try randomVector(model.layout, seed: 5), try randomVector(model.layout, seed: 17))
    var (a, b) = (ParameterVector<Float>(zeros: model.layout), ParameterVector<Float>(zeros: model.layout))
    let engine = Engine(threadCount: 1)
    try engine.gaussNewtonProduct(of: model, dense, at: θ, with: v, into: &a, noise: CurvatureCase.noise)
    try engine.gaussNewtonProduct(of: model, sparse, at: θ, with: v, into: &b, noise: CurvatureCase.noise)
    expectClose(b, a.numbers, bound: 2e-6)
  }

  /// Where one class has all but 2 · 10⁻⁹ of the probability, rounding must not make up a curvature.
  @Test func softmaxIsExactFarFromTheBoundary() throws {
    let model = try Classifier(inputShape: [1], layers: [Dense(3)])
    var θ = ParameterVector<Float>(zeros: model.layout)
    try θ.assign([20, 0, -1], to: "dense1.bias")
    let v = try randomVector(model.layout, seed: 17)
    var product = ParameterVector<Float>(zeros: model.layout)
    let batch = Batch(inputs: .dense([1], shape: [1, 1]), labels: [1])
    try Engine(threadCount: 1).gaussNewtonProduct(
      of: model, batch, at: θ, with: v, into: &product, noise: CurvatureCase.noise)
    let reference = ReferenceNetwork(layers: [.dense(1, 3, .identity)], loss: .softmax([1]), inputs: [[1]])
    expectClose(product, reference.product(at: θ.numbers, with: v.numbers, isLinearized: true), bound: 1e-6)
  }

  @Test func memoryStaysFlat() throws {
    let test = CurvatureCase.all.first { $0.testDescription == "convolutions, tanh, maximum" }!
    let objective = try test.objective()
    let layout = objective.model.layout
    let (θ, v) = (try test.start(of: layout), try randomVector(layout, seed: 17))
    var product = ParameterVector<Float>(zeros: layout)
    try objective.gaussNewtonProduct(at: θ, with: v, into: &product)
    let pooled = objective.engine.memoryByteCount
    for _ in 0..<20 { try objective.gaussNewtonProduct(at: θ, with: v, into: &product) }
    #expect(objective.engine.memoryByteCount == pooled)
  }

  @Test func vectorsOfAnotherModelAreRefused() throws {
    let test = CurvatureCase.all[0]
    let objective = try test.objective()
    let other = ParameterVector<Float>(zeros: try ParameterLayout([("other", [2], .outputsLast)]))
    let θ = try test.start(of: objective.model.layout)
    var product = θ
    #expect(throws: NetworkError.self) { try objective.gaussNewtonProduct(at: θ, with: other, into: &product) }
    #expect(throws: NetworkError.self) { try objective.gaussNewtonProduct(at: other, with: θ, into: &product) }
    #expect(product == θ)
    var small = other
    #expect(throws: NetworkError.self) { try objective.gaussNewtonProduct(at: θ, with: θ, into: &small) }
    #expect(objective.capabilities.contains(.gaussNewtonProducts))
  }
}

func dot(_ a: ParameterVector<Float>, _ b: ParameterVector<Float>) -> Double {
  zip(a.numbers, b.numbers).reduce(0) { $0 + $1.0 * $1.1 }
}
