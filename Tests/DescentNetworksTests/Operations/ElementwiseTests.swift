import Descent
import Testing

@testable import DescentNetworks

@Suite struct ElementwiseTests {
  /// A residual network that uses each tensor and each weight twice.
  @Test(arguments: Activation.allCases)
  func gradientOfSumsScalesAndReusedWeights(_ activation: Activation) throws {
    var parameters = ParameterList()
    let weight = parameters.declare("weight", shape: [5, 5], initializer: .heNormal)
    let bias = parameters.declare("bias", shape: [5], initializer: .zeros)
    let model = try Probe(inputShape: [5], parameters: parameters) { x, _, tape throws(NetworkError) in
      let h = try tape.linear(x, weight: weight, bias: bias)
      let inner = try tape.linear(tape.apply(activation, to: h), weight: weight, bias: bias, activation: .tanh)
      let y = try tape.add(h, tape.multiply(inner, by: -1.5))
      return try tape.squaredError(tape.add(y, x), targets: target(of: y))
    }
    try expectGradientIsRight(model, randomBatch([7, 5]))
  }

  @Test func unusedParameterHasZeroGradient() throws {
    var parameters = ParameterList()
    let weight = parameters.declare("weight", shape: [3, 1], initializer: .heNormal)
    let bias = parameters.declare("bias", shape: [1], initializer: .zeros)
    _ = parameters.declare("unused", shape: [33], initializer: .heNormal)
    let model = try Probe(inputShape: [3], parameters: parameters) { x, _, tape throws(NetworkError) in
      let y = try tape.linear(x, weight: weight, bias: bias)
      return try tape.squaredError(y, targets: target(of: y))
    }
    var g = ParameterVector<Float>(zeros: model.layout)
    try g.assign(Array(repeating: 5, count: 33), to: "unused")
    let noise = RandomStream(seed: 0, name: "")
    _ = try Engine().gradient(
      of: model, randomBatch([2, 3]), at: model.initialParameters(seed: 0), into: &g, noise: noise)
    #expect(try g.values(of: "unused") == Array(repeating: 0, count: 33))
    #expect(try g.values(of: "weight").contains { $0 != 0 })
  }

  @Test func shapesMustAgree() throws {
    let model = try Probe(inputShape: [4], parameters: ParameterList()) { x, _, tape throws(NetworkError) in
      try tape.squaredError(tape.add(x, tape.reshape(x, to: [2, 2])), targets: x)
    }
    let error = #expect(throws: NetworkError.self) {
      try Engine().evaluate(model, randomBatch([3, 4]), at: ParameterVector(zeros: model.layout))
    }
    #expect(error?.description.contains("[3, 4]") == true && error?.description.contains("[3, 2, 2]") == true)
  }
}
