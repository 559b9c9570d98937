import Descent
import Foundation
import Testing

@testable import DescentNetworks

@Suite struct BatchObjectiveTests {
  private let noise = RandomStream(seed: 3, name: "noise")

  private func model(dropout: String) throws -> any Model {
    try ModelCatalogue.model(
      named: "mlp", inputShape: [4, 4, 1], classCount: 3, options: ["hidden": "12", "dropout": dropout])
  }

  /// Asked again, the batch drops the same units: at the same point it gives the same bits, and the first evaluation is
  /// the one that is reported.
  @Test func aBatchIsAFunctionOfTheParametersAlone() throws {
    let model = try model(dropout: "0.5")
    let batch = randomBatch([6, 4, 4, 1], labels: [0, 1, 2, 0, 1, 2])
    let θ = model.initialParameters(seed: 1)
    var other = θ
    other.scale(by: 0.5)
    let objective = BatchObjective(batch, of: model, on: Engine(threadCount: 1), noise: noise, keepsGradient: true)
    var (first, second, elsewhere) = (
      ParameterVector<Float>(zeros: θ.layout), ParameterVector<Float>(zeros: θ.layout),
      ParameterVector<Float>(zeros: θ.layout)
    )
    let value = try objective.value(at: θ, gradient: &first)
    #expect(try objective.value(at: other, gradient: &elsewhere) != value)
    #expect(try objective.value(at: θ, gradient: &second) == value)
    #expect(first == second && first != elsewhere)
    #expect(objective.result?.loss == value && objective.gradient == first)
    #expect(objective.capabilities == Set(ObjectiveCapability.allCases))
  }

  /// STORM, which asks a batch at two points, trains a network; its first step is k g / (w + ‖g‖²)^⅓.
  @Test func stormTrainsANetwork() throws {
    let model = try model(dropout: "0")
    let batch = randomBatch([6, 4, 4, 1], labels: [0, 1, 2, 0, 1, 2])
    let engine = Engine(threadCount: 1)
    var θ = model.initialParameters(seed: 1)
    let start = θ
    var g = ParameterVector<Float>(zeros: θ.layout)
    let before = try engine.gradient(of: model, batch, at: θ, into: &g, noise: noise).loss
    var optimizer = try Optimizer(STORM(k: 0.1), for: θ)
    try optimizer.step(&θ, on: BatchObjective(batch, of: model, on: engine, noise: noise))
    let η = 0.1 / pow(0.1 + g.sumOfSquares(), 1.0 / 3)
    for block in θ.layout.blocks {
      let (x, x0, slope) = (
        try θ.values(of: block.name), try start.values(of: block.name), try g.values(of: block.name)
      )
      for i in x.indices { #expect(abs(Double(x[i]) - (Double(x0[i]) - η * Double(slope[i]))) < 1e-6) }
    }
    for _ in 0..<50 { try optimizer.step(&θ, on: BatchObjective(batch, of: model, on: engine, noise: noise)) }
    #expect(try engine.evaluate(model, batch, at: θ).loss < 0.5 * before)
  }

  /// Methods that divide by the diagonal of the curvature get it from the batch, in either form, block by block too.
  @Test(arguments: CurvatureForm.allCases)
  func methodsOfTheDiagonalTrainANetwork(_ form: CurvatureForm) throws {
    let model = try model(dropout: "0")
    let batch = randomBatch([6, 4, 4, 1], labels: [0, 1, 2, 0, 1, 2])
    let engine = Engine(threadCount: 1)
    let start = model.initialParameters(seed: 1)
    let curvature = DiagonalCurvature(every: 3, form: form)
    func expectTraining<Rule: SteppingRule<Float>>(_ optimizer: Optimizer<Rule>, blocks: Bool = false) throws {
      var (optimizer, θ) = (optimizer, start)
      optimizer.stepsByBlock = blocks
      for _ in 0..<60 { try optimizer.step(&θ, on: BatchObjective(batch, of: model, on: engine, noise: noise)) }
      let (before, after) = (
        try engine.evaluate(model, batch, at: start).loss, try engine.evaluate(model, batch, at: θ).loss
      )
      #expect(after < 0.5 * before, "\(Rule.name): \(after)")
    }
    try expectTraining(Optimizer(BeckerLeCun(learningRate: 0.05, curvature: curvature), for: start))
    try expectTraining(Optimizer(BeckerLeCun(learningRate: 0.05, curvature: curvature), for: start), blocks: true)
    try expectTraining(Optimizer(VSGD(learningRate: 0.1, mu: 0.02, curvature: curvature).averaged(0.9), for: start))
    try expectTraining(Optimizer(NaturalNewton(learningRate: 0.05, curvature: curvature), for: start))

    // The slot is what the engine gives at θ.
    var (θ, h) = (start, ParameterVector<Float>(zeros: start.layout))
    var optimizer = try Optimizer(Schaul<Float>(curvature: curvature), for: θ)
    try engine.curvatureDiagonal(of: model, batch, at: θ, form, into: &h, noise: noise)
    try optimizer.step(&θ, on: BatchObjective(batch, of: model, on: engine, noise: noise))
    #expect(try optimizer.slot("schaul/h").values == h.values && θ != start)
  }
}
