import Descent
import Testing

@testable import DescentNetworks

@Suite struct LinearTests {
  @Test(arguments: Activation.allCases)
  func gradientOfEachActivation(_ activation: Activation) throws {
    let model = try Classifier(
      inputShape: [5],
      layers: [Dense(19, activation: activation, initializer: .heNormal), Dense(33, activation: activation), Dense(4)])
    try expectGradientIsRight(model, randomBatch([6, 5], labels: [0, 1, 2, 3, 0, 1]))
  }

  @Test func valuesAgreeWithDoubleEvaluation() throws {
    let model = try Classifier(inputShape: [7], layers: [Dense(20, activation: .relu), Dense(3)])
    let θ = model.initialParameters(seed: 3)
    let x = randomValues(4 * 7)
    let labels: [Int32] = [2, 0, 1, 1]
    let w1 = try θ.values(of: "dense1.weight").map(Double.init)
    let w2 = try θ.values(of: "dense2.weight").map(Double.init)
    var expected = 0.0
    var correct = 0
    for i in 0..<4 {
      let hidden = (0..<20).map { u in max(0, (0..<7).reduce(0) { $0 + Double(x[i * 7 + $1]) * w1[$1 * 20 + u] }) }
      let logits = (0..<3).map { u in (0..<20).reduce(0) { $0 + hidden[$1] * w2[$1 * 3 + u] } }
      let total = logits.reduce(0) { $0 + exponential($1) }
      expected -= naturalLogarithm(exponential(logits[Int(labels[i])]) / total) / 4
      if logits.firstIndex(of: logits.max()!) == Int(labels[i]) { correct += 1 }
    }
    let batch = Batch(inputs: .dense(x, shape: [4, 7]), labels: labels)
    let result = try Engine().evaluate(model, batch, at: θ)
    #expect(abs(result.loss - expected) < 1e-6)
    #expect(result.correct == correct)
    #expect(result.count == 4)
  }
}
