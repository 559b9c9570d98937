import Descent
import Testing

@testable import DescentNetworks

@Suite struct SparseLinearTests {
  /// Rows with 0, 1 and many elements, and the same rows written out.
  static func rows() throws -> (sparse: SparseRows, dense: [Float]) {
    let columns: [[Int32]] = [[0, 3, 17, 39], [], [5], [1, 2, 3, 4, 30]]
    let values = randomValues(10)
    let starts = [0, 4, 4, 5, 10]
    var dense = [Float](repeating: 0, count: 4 * 40)
    for (row, columns) in columns.enumerated() {
      for (k, column) in columns.enumerated() { dense[row * 40 + Int(column)] = values[starts[row] + k] }
    }
    let sparse = try SparseRows(
      rowStarts: starts, columns: columns.flatMap { $0 }, values: values, columnCount: 40)
    return (sparse, dense)
  }

  @Test(arguments: [2, 16, 21])
  func agreesWithTheDenseLayer(_ units: Int) throws {
    let (sparse, dense) = try Self.rows()
    let model = try Classifier(inputShape: [40], layers: [Dense(units, activation: .tanh), Dense(3)])
    let θ = model.initialParameters(seed: 4)
    let noise = RandomStream(seed: 0, name: "")
    var (g, h) = (ParameterVector<Float>(zeros: model.layout), ParameterVector<Float>(zeros: model.layout))
    try g.assign(Array(repeating: 7, count: 40 * units), to: "dense1.weight")
    let labels: [Int32] = [0, 2, 1, 2]
    let engine = Engine()
    let a = try engine.gradient(
      of: model, Batch(inputs: .sparse(sparse), labels: labels), at: θ, into: &g, noise: noise)
    let b = try engine.gradient(
      of: model, Batch(inputs: .dense(dense, shape: [4, 40]), labels: labels), at: θ, into: &h, noise: noise)
    #expect(abs(a.loss - b.loss) < 1e-6)
    for (x, y) in zip(g.values, h.values) { #expect(abs(x - y) < 1e-6) }
  }

  @Test func gradient() throws {
    let model = try Classifier(inputShape: [40], layers: [Dense(5, activation: .sigmoid), Dense(3)])
    try expectGradientIsRight(model, Batch(inputs: .sparse(Self.rows().sparse), labels: [0, 2, 1, 2]))
  }

  @Test func emptyRowsAlone() throws {
    let rows = try SparseRows(rowStarts: [0, 0], columns: [], values: [], columnCount: 40)
    let model = try Classifier(inputShape: [40], layers: [Dense(4)])
    let result = try Engine().evaluate(
      model, Batch(inputs: .sparse(rows), labels: [1]), at: model.initialParameters(seed: 0))
    #expect(abs(result.loss - naturalLogarithm(4)) < 1e-6)
  }
}
