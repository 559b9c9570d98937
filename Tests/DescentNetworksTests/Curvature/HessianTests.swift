import Descent
import Testing

@testable import DescentNetworks

@Suite struct HessianTests {
  /// H v of the engine and of hyper-dual numbers, to 4 · 10⁻⁶ of each block's largest element.
  @Test(arguments: CurvatureCase.all)
  func agreesWithTheMatrix(_ test: CurvatureCase) throws {
    let objective = try test.objective()
    let layout = objective.model.layout
    let (θ, v) = (try test.start(of: layout), try randomVector(layout, seed: 17))
    // Earlier contents of the product must not matter.
    var product = try randomVector(layout, scale: 1e3, seed: 3)
    try objective.hessianProduct(at: θ, with: v, into: &product)
    let expected = test.network().product(at: θ.numbers, with: v.numbers, isLinearized: false)
    expectClose(product, expected, bound: 4e-6)
    #expect(objective.result == nil, "a product is no evaluation")
  }

  /// uᵀ H v = vᵀ H u, and the same bits asked again. With two threads the bits are the same too, but for oneDNN's
  /// convolutions, whose sums are then in another order.
  @Test(arguments: CurvatureCase.all)
  func isSymmetric(_ test: CurvatureCase) throws {
    let objective = try test.objective()
    let layout = objective.model.layout
    let (θ, u, v) = (
      try test.start(of: layout), try randomVector(layout, seed: 17), try randomVector(layout, seed: 18)
    )
    let zeros = ParameterVector<Float>(zeros: layout)
    var (hu, hv, again) = (zeros, zeros, zeros)
    try objective.hessianProduct(at: θ, with: u, into: &hu)
    try objective.hessianProduct(at: θ, with: v, into: &hv)
    try objective.hessianProduct(at: θ, with: v, into: &again)
    #expect(hv == again)
    try test.objective(threads: 2).hessianProduct(at: θ, with: v, into: &again)
    if test.hasConvolutions { expectClose(again, hv.numbers, bound: 4e-6) } else { #expect(hv == again) }
    #expect(abs(dot(u, hv) - dot(v, hu)) <= 4e-6 * (u.sumOfSquares() * hv.sumOfSquares()).squareRoot())
  }

  /// A model that is linear in its parameters has G = H, whatever the loss.
  @Test(arguments: [ReferenceNetwork.Loss.squared, .sigmoid, .softmax([0, 1, 2, 0])])
  func isTheGaussNewtonMatrixOfALinearModel(_ loss: ReferenceNetwork.Loss) throws {
    let test = CurvatureCase("", [3], [Dense(3)], loss, [.dense(3, 3, .identity)])
    let objective = try test.objective()
    let layout = objective.model.layout
    let (θ, v) = (try test.start(of: layout), try randomVector(layout, seed: 17))
    let zeros = ParameterVector<Float>(zeros: layout)
    var (gv, hv) = (zeros, zeros)
    try objective.gaussNewtonProduct(at: θ, with: v, into: &gv)
    try objective.hessianProduct(at: θ, with: v, into: &hv)
    expectClose(hv, gv.numbers, bound: 1e-6)
  }

  @Test func variationalAutoencoder() throws {
    let model = try VariationalAutoencoder(inputShape: [4], hiddenUnits: 3, latentCount: 2)
    let batch = Batch(inputs: .dense(randomValues(12).map { abs($0) }, shape: [3, 4]), labels: [])
    let objective = BatchObjective(batch, of: model, on: Engine(threadCount: 1), noise: CurvatureCase.noise)
    let θ = try randomVector(model.layout, scale: 0.8, seed: 5)
    let v = try randomVector(model.layout, seed: 17)
    var product = ParameterVector<Float>(zeros: model.layout)
    try objective.hessianProduct(at: θ, with: v, into: &product)
    let reference = ReferenceAutoencoder(batch)
    let expected = ReferenceNetwork.product(at: θ.numbers, with: v.numbers) {
      reference.loss(at: $0, isLinearized: false)
    }
    expectClose(product, expected, bound: 4e-6)
  }

  /// ‖3 y + y − x‖²/2 + ‖y − x‖² with y = tanh(x W + b).
  @Test func sumsOfTensorsAndLosses() throws {
    var parameters = ParameterList()
    let network = try Sequential(inputShape: [3], [Dense(3, activation: .tanh)], declaring: &parameters)
    let model = try Probe(inputShape: [3], parameters: parameters) { x, _, tape throws(NetworkError) in
      let y = try network(x, on: tape)
      let z = try tape.add(tape.multiply(y, by: 3), y)
      return try 0.5 * tape.squaredError(z, targets: x) + tape.squaredError(y, targets: x)
    }
    let batch = randomBatch([4, 3])
    let objective = BatchObjective(batch, of: model, on: Engine(threadCount: 1), noise: CurvatureCase.noise)
    let (θ, v) = (try randomVector(model.layout, seed: 5), try randomVector(model.layout, seed: 17))
    var product = ParameterVector<Float>(zeros: model.layout)
    try objective.hessianProduct(at: θ, with: v, into: &product)
    guard case .dense(let values, _) = batch.inputs else { return }
    let expected = ReferenceNetwork.product(at: θ.numbers, with: v.numbers) { θ in
      var sum = HyperDual(f: 0)
      for i in 0..<4 {
        var θ = θ[...]
        let x = (0..<3).map { HyperDual(f: Double(values[i * 3 + $0])) }
        let y = ReferenceNetwork.Layer.dense(3, 3, .tanh)([x], &θ)[0]
        for (x, y) in zip(x, y) { sum += 0.5 * ((4 * y - x) * (4 * y - x)) + (y - x) * (y - x) }
      }
      return 0.25 * sum
    }
    expectClose(product, expected, bound: 4e-6)
  }

  @Test func sparseRows() throws {
    let model = try Classifier(inputShape: [4], layers: [Dense(5, activation: .tanh), Dropout(0.2), Dense(3)])
    let rows = try SparseRows(
      rowStarts: [0, 2, 3, 3], columns: [0, 3, 2], values: [0.5, -1, 2], columnCount: 4)
    let dense = Batch(inputs: .dense([0.5, 0, 0, -1, 0, 0, 2, 0, 0, 0, 0, 0], shape: [3, 4]), labels: [0, 1, 2])
    let sparse = Batch(inputs: .sparse(rows), labels: [0, 1, 2])
    let (θ, v) = (try randomVector(model.layout, seed: 5), try randomVector(model.layout, seed: 17))
    var (a, b) = (ParameterVector<Float>(zeros: model.layout), ParameterVector<Float>(zeros: model.layout))
    let engine = Engine(threadCount: 1)
    try engine.hessianProduct(of: model, dense, at: θ, with: v, into: &a, noise: CurvatureCase.noise)
    try engine.hessianProduct(of: model, sparse, at: θ, with: v, into: &b, noise: CurvatureCase.noise)
    expectClose(b, a.numbers, bound: 2e-6)
  }

  /// A parameter that two layers share, and one that none uses.
  @Test func sharedAndUnusedParameters() throws {
    var parameters = ParameterList()
    let weight = parameters.declare("weight", shape: [3, 3], initializer: .glorotUniform)
    let bias = parameters.declare("bias", shape: [3], initializer: .zeros)
    _ = parameters.declare("unused", shape: [2], initializer: .zeros)
    let model = try Probe(inputShape: [3], parameters: parameters) { x, _, tape throws(NetworkError) in
      let y = try tape.linear(x, weight: weight, bias: bias, activation: .tanh)
      let z = try tape.linear(y, weight: weight, bias: bias, activation: .sigmoid)
      return try tape.squaredError(z, targets: x)
    }
    let batch = randomBatch([4, 3])
    let objective = BatchObjective(batch, of: model, on: Engine(threadCount: 1), noise: CurvatureCase.noise)
    let (θ, v) = (try randomVector(model.layout, seed: 5), try randomVector(model.layout, seed: 17))
    var product = try randomVector(model.layout, seed: 3)
    try objective.hessianProduct(at: θ, with: v, into: &product)
    guard case .dense(let values, _) = batch.inputs else { return }
    let network = ReferenceNetwork(
      layers: [.dense(3, 3, .tanh), .dense(3, 3, .sigmoid)], loss: .squared,
      inputs: (0..<4).map { i in (0..<3).map { Double(values[i * 3 + $0]) } })
    let expected = ReferenceNetwork.product(at: θ.numbers, with: v.numbers) {
      network.loss(at: Array($0[..<12] + $0[..<12]), isLinearized: false)
    }
    #expect(product.numbers.suffix(2) == [0, 0])
    expectClose(product, expected, bound: 4e-6)
  }

  @Test func memoryStaysFlat() throws {
    let test = CurvatureCase.all.first { $0.testDescription == "convolutions, tanh, maximum" }!
    let objective = try test.objective()
    let layout = objective.model.layout
    let (θ, v) = (try test.start(of: layout), try randomVector(layout, seed: 17))
    var product = ParameterVector<Float>(zeros: layout)
    try objective.hessianProduct(at: θ, with: v, into: &product)
    let pooled = objective.engine.memoryByteCount
    for _ in 0..<20 { try objective.hessianProduct(at: θ, with: v, into: &product) }
    #expect(objective.engine.memoryByteCount == pooled)
  }
}
