import Descent
import DescentData
import DescentNetworks
import Testing

/// Muon's step on the weights of a network: each gradient is made orthogonal as outputs × (inputs · height · width).
@Suite struct MuonOnLayersTests {
  @Test func theStepOfEveryWeightIsOrthogonal() throws {
    var digits = Digits()
    (digits.trainCount, digits.testCount) = (64, 10)
    let data = digits.dataset()
    let model = try ModelCatalogue.model(named: "smallcnn", inputShape: data.inputShape, classCount: data.classCount)
    let start = model.initialParameters(seed: 1)
    var (θ, g) = (start, start)
    _ = try Engine().gradient(of: model, data.train.all(), at: θ, into: &g, noise: RandomStream(seed: 1, name: "noise"))
    let rule = Muon<Float>(learningRate: 1, iterations: 30, polynomial: .convergent)
    var optimizer = try Optimizer(rule, for: θ)
    try optimizer.step(&θ, gradient: g)

    for (name, inputs, outputs) in [
      ("convolution1.weight", 25, 16), ("convolution2.weight", 400, 32), ("dense1.weight", 1568, 128),
      ("dense2.weight", 128, 10),
    ] {
      func values(_ vector: ParameterVector<Float>, minus other: ParameterVector<Float>? = nil) throws -> [Double] {
        let values = try vector.values(of: name).map { Double($0) }
        let matrix = try other.map { zip(values, try $0.values(of: name)).map { $0 - Double($1) } } ?? values
        return SingularValues(
          columns: (0..<outputs).map { j in (0..<inputs).map { matrix[$0 * outputs + j] } }
        ).values
      }
      let (before, step) = try (values(g), values(θ, minus: start))
      // Nonzero singular values become 1. Zero ones, as for units that no example reaches, stay 0.
      let rank = before.count { $0 > 1e-5 * before[0] }
      #expect(step.prefix(rank).allSatisfy { abs($0 - 1) < 1e-4 }, "\(name): \(step[rank - 1]) … \(step[0])")
      #expect(step.allSatisfy { $0 < 1 + 1e-4 } && rank >= min(outputs, data.train.count) * 3 / 4, "\(name): \(rank)")
    }
  }
}
