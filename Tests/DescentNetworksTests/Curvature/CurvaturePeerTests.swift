import Descent
import Foundation
import Testing

@testable import DescentNetworks

/// The engine's curvature against curvlinops and BackPACK, in float64: `Scripts/peer-curvature.py` says how the fixture was
/// made.
@Suite struct CurvaturePeerTests {
  /// The fixture's numbers by name.
  private let fixture: [String: [Double]]

  init() throws {
    let path = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../Fixtures/curvature.safetensors")
    let file = try Safetensors(path: path.path(percentEncoded: false))
    var fixture: [String: [Double]] = [:]
    for name in file.names { fixture[name] = try file.values(of: name, as: Double.self) }
    self.fixture = fixture
  }

  private static func dense(_ f: Activation, _ outputs: Int) -> [any Layer] {
    [Dense(4, activation: f), Dense(3, activation: f), Dense(outputs)]
  }

  private static let cases: [CurvatureCase] = [
    CurvatureCase("tanh-softmax", [5], dense(.tanh, 3), .softmax([0, 2, 1, 2]), []),
    CurvatureCase("softplus-softmax", [5], dense(.softplus, 3), .softmax([0, 2, 1, 2]), []),
    CurvatureCase("sigmoid-entropy", [5], dense(.sigmoid, 5), .sigmoid, []),
    CurvatureCase("tanh-squares", [5], dense(.tanh, 5), .squared, []),
    CurvatureCase(
      "convolutions-softmax", [6, 6, 2],
      [
        Convolution(3, window: 3, activation: .tanh), AveragePooling(2),
        Convolution(2, window: 3, activation: .sigmoid),
        Flatten(), Dense(3),
      ], .softmax([0, 2, 1, 2]), []),
  ]

  private func numbers(_ test: CurvatureCase, _ name: String) throws -> [Double] {
    try #require(fixture["\(test.testDescription)/\(name)"])
  }

  /// The fixture's numbers, one parameter after the other.
  private func vector(_ test: CurvatureCase, _ name: String, _ layout: ParameterLayout) throws -> ParameterVector<Float>
  {
    var rest = try numbers(test, name)[...]
    var vector = ParameterVector<Float>(zeros: layout)
    for block in layout.blocks {
      try vector.assign(rest.prefix(block.count).map { Float($0) }, to: block.name)
      rest = rest.dropFirst(block.count)
    }
    #expect(rest.isEmpty)
    return vector
  }

  @Test(arguments: cases) func isThatOfThePeers(_ test: CurvatureCase) throws {
    let model = try test.model()
    let labels: [Int32] = if case .softmax(let labels) = test.loss { labels.map(Int32.init) } else { [] }
    let inputs = try numbers(test, "inputs").map { Float($0) }
    let objective = BatchObjective(
      Batch(inputs: .dense(inputs, shape: [4] + test.inputShape), labels: labels), of: model,
      on: Engine(threadCount: 1), noise: CurvatureCase.noise)
    let layout = model.layout
    let (θ, v) = (try vector(test, "parameters", layout), try vector(test, "v", layout))
    var found = ParameterVector<Float>(zeros: layout)
    _ = try objective.value(at: θ, gradient: &found)
    expectClose(found, try numbers(test, "gradient"), bound: 2e-6)
    try objective.gaussNewtonProduct(at: θ, with: v, into: &found)
    expectClose(found, try numbers(test, "gauss-newton"), bound: 2e-6)
    try objective.hessianProduct(at: θ, with: v, into: &found)
    expectClose(found, try numbers(test, "hessian"), bound: 4e-6)
    guard let last = fixture["\(test.testDescription)/last-diagonal"] else { return }
    // Becker and LeCun's recursion leaves out nothing in the last layer.
    try objective.curvatureDiagonal(at: θ, .gaussNewton, into: &found)
    let largest = last.max() ?? 0
    for (x, y) in zip(found.values.suffix(last.count), last) { #expect(abs(Double(x) - y) < 2e-6 * largest) }
  }
}
