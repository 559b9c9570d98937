import Descent
import Testing

@testable import DescentNetworks

@Suite struct InitializerTests {
  static func values(_ initializer: Initializer, _ shape: [Int], name: String = "w", seed: UInt64 = 1) throws -> [Float]
  {
    var parameters = ParameterList()
    _ = parameters.declare("before", shape: [3], initializer: .heNormal)
    _ = parameters.declare(name, shape: shape, initializer: initializer)
    return try parameters.initialValues(seed: seed, layout: parameters.layout()).values(of: name)
  }

  static func moments(_ values: [Float]) -> (mean: Double, variance: Double) {
    let mean = values.reduce(0) { $0 + Double($1) } / Double(values.count)
    return (mean, values.reduce(0) { $0 + (Double($1) - mean) * (Double($1) - mean) } / Double(values.count))
  }

  static let variances: [(Initializer, [Int], Double)] = [
    (.heNormal, [200, 300], 2.0 / 200), (.heUniform, [200, 300], 2.0 / 200),
    (.glorotNormal, [200, 300], 2.0 / 500), (.glorotUniform, [200, 300], 2.0 / 500),
    (.heNormal, [5, 5, 40, 60], 2.0 / 1000), (.glorotUniform, [5, 5, 40, 60], 2.0 / 2500),
  ]

  @Test(arguments: variances)
  func variance(_ initializer: Initializer, _ shape: [Int], _ expected: Double) throws {
    let values = try Self.values(initializer, shape)
    let (mean, variance) = Self.moments(values)
    // Five standard deviations of the estimates from 60,000 numbers.
    #expect(abs(mean) < 5 * (expected / 6e4).squareRoot())
    #expect(abs(variance / expected - 1) < 5 * (2.0 / 6e4).squareRoot())
  }

  @Test func uniformStaysInItsRange() throws {
    let bound = Float((6.0 / 50).squareRoot())
    let values = try Self.values(.heUniform, [50, 100])
    #expect(values.allSatisfy { abs($0) <= bound } && values.contains { abs($0) > 0.99 * bound })
  }

  @Test func sparseHasFifteenWeightsIntoEachUnit() throws {
    let values = try Self.values(.sparse(), [400, 300])
    var nonzero: [Float] = []
    for unit in 0..<300 {
      let incoming = (0..<400).map { values[$0 * 300 + unit] }.filter { $0 != 0 }
      #expect(incoming.count == 15)
      nonzero += incoming
    }
    let (mean, variance) = Self.moments(nonzero)
    #expect(abs(mean) < 5 / 4500.0.squareRoot() && abs(variance - 1) < 5 * (2 / 4500.0).squareRoot())
    // If there are fewer inputs, all have weights.
    #expect(try Self.values(.sparse(), [4, 3]).allSatisfy { $0 != 0 })
  }

  @Test func dependsOnSeedAndNameAlone() throws {
    let values = try Self.values(.heNormal, [20, 30])
    #expect(try Self.values(.heNormal, [20, 30]) == values)
    #expect(try Self.values(.heNormal, [20, 30], seed: 2) != values)
    #expect(try Self.values(.heNormal, [20, 30], name: "v") != values)
    var alone = ParameterList()
    _ = alone.declare("w", shape: [20, 30], initializer: .heNormal)
    #expect(try alone.initialValues(seed: 1, layout: alone.layout()).values(of: "w") == values)
    #expect(try Self.values(.zeros, [7]) == Array(repeating: 0, count: 7))
  }
}
