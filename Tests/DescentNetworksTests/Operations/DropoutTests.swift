import Descent
import Testing

@testable import DescentNetworks

@Suite struct DropoutTests {
  static let noise = RandomStream(seed: 3, name: "dropout")

  /// The loss is Σ (inputs after dropout) · weight, with one column, so its gradient is the inputs after dropout.
  static func dropped(_ inputs: Batch.Inputs, width: Int, rate: Double) throws -> [Float] {
    var parameters = ParameterList()
    let weight = parameters.declare("weight", shape: [width, 1], initializer: .zeros)
    let bias = parameters.declare("bias", shape: [1], initializer: .zeros)
    let model = try Probe(inputShape: [width], parameters: parameters) { x, _, tape throws(NetworkError) in
      let y = try tape.linear(tape.dropout(x, rate: rate), weight: weight, bias: bias)
      let zero = tape.tensor(y.shape, isDifferentiable: false)
      zero.mutableElements.update(repeating: -0.5, count: y.count)
      return try tape.squaredError(y, targets: zero)
    }
    var g = ParameterVector<Float>(zeros: model.layout)
    _ = try Engine().gradient(
      of: model, Batch(inputs: inputs), at: ParameterVector(zeros: model.layout), into: &g, noise: noise)
    return try g.values(of: "weight")
  }

  @Test(arguments: [0.1, 0.5, 0.9])
  func zeroesTheRateAndScalesTheRest(_ rate: Double) throws {
    let count = 20_000
    let values = try Self.dropped(
      .dense(Array(repeating: 1, count: count), shape: [1, count]), width: count, rate: rate)
    let zeroCount = values.count { $0 == 0 }
    // Five standard deviations of the binomial distribution.
    #expect(abs(Double(zeroCount) - Double(count) * rate) < 5 * (Double(count) * rate * (1 - rate)).squareRoot())
    #expect(values.allSatisfy { $0 == 0 || $0 == Float(1 / (1 - rate)) })
  }

  @Test func sparseRowsAreDroppedAlike() throws {
    let count = 100
    let rows = try SparseRows(
      rowStarts: [0, count], columns: (0..<Int32(count)).map { $0 }, values: Array(repeating: 1, count: count),
      columnCount: count)
    let dense = try Self.dropped(.dense(Array(repeating: 1, count: count), shape: [1, count]), width: count, rate: 0.5)
    #expect(try Self.dropped(.sparse(rows), width: count, rate: 0.5) == dense)
    #expect(dense.contains(0) && dense.contains(2))
  }

  @Test func gradientThroughTwoDropouts() throws {
    let model = try Classifier(
      inputShape: [6],
      layers: [
        Dropout(0.2), Dense(20, activation: .tanh), Dropout(0.5), Dense(18, activation: .tanh), Dropout(0.3), Dense(3),
      ])
    try expectGradientIsRight(model, randomBatch([5, 6], labels: [0, 1, 2, 0, 1]))
  }

  @Test func twoDropoutsDrawDifferentNumbers() throws {
    let model = try Probe(inputShape: [64], parameters: ParameterList()) { x, _, tape throws(NetworkError) in
      let (a, b) = (try tape.dropout(x, rate: 0.5), try tape.dropout(x, rate: 0.5))
      return try tape.squaredError(a, targets: b)
    }
    var g = ParameterVector<Float>(zeros: model.layout)
    let batch = Batch(inputs: .dense(Array(repeating: 1, count: 64), shape: [1, 64]))
    let θ = ParameterVector<Float>(zeros: model.layout)
    let first = try Engine().gradient(of: model, batch, at: θ, into: &g, noise: Self.noise)
    #expect(first.loss > 0)
    #expect(try Engine().gradient(of: model, batch, at: θ, into: &g, noise: Self.noise.substream(1)).loss != first.loss)
    // Evaluation drops nothing.
    #expect(try Engine().evaluate(model, batch, at: θ).loss == 0)
  }

  @Test(arguments: [-0.1, 1, .nan])
  func rateOutOfRangeIsRefused(_ rate: Double) throws {
    #expect(throws: NetworkError.self) { try Classifier(inputShape: [4], layers: [Dropout(rate), Dense(2)]) }
  }
}
