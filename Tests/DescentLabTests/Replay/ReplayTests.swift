import Descent
import DescentData
import Foundation
import TestSupport
import Testing

@testable import DescentLab

@Suite struct ReplayTests {
  private let scratch: TemporaryFolder
  private let steps = 30

  init() throws { scratch = try TemporaryFolder() }

  private func path(_ name: String) -> String { scratch.path + "/" + name }

  private func random<Scalar: LaneScalar>(_ count: Int, seed: UInt64, of _: Scalar.Type = Scalar.self) -> [Scalar] {
    var stream = RandomStream(seed: seed, name: "replay test")
    return (0..<count).map { _ in Scalar(stream.normal()) }
  }

  private func configuration(_ optimizer: String = "adam:lr=0.01") -> ReplayConfiguration {
    ReplayConfiguration(optimizer: optimizer, initial: path("x0.npy"), gradients: path("g.npy"))
  }

  /// Writes x0.npy [3, 5] and g.npy [steps, 3, 5].
  private func writeProblem() throws {
    try NPYArray(.float(random(15, seed: 1)), shape: [3, 5]).write(to: path("x0.npy"))
    try NPYArray(.float(random(15 * steps, seed: 2)), shape: [steps, 3, 5]).write(to: path("g.npy"))
  }

  /// The trajectory that `rule` itself makes on the problem.
  private func expected<Rule: ElementRule>(
    _ rule: Rule, clipNorm: Double? = nil, point: (Optimizer<Rule>, ParameterVector<Rule.Scalar>) -> [Rule.Scalar]
  ) throws -> [Rule.Scalar] {
    var θ = ParameterVector<Rule.Scalar>(zeros: try ParameterLayout([("x", [3, 5])]))
    try θ.assign(random(15, seed: 1, of: Float.self).map { Rule.Scalar($0) }, to: "x")
    let gradients = random(15 * steps, seed: 2, of: Float.self).map { Rule.Scalar($0) }
    var optimizer = try Optimizer(rule, for: θ)
    if let clipNorm { optimizer.transforms = [ClipByGlobalNorm(clipNorm)] }
    var path = point(optimizer, θ)
    for t in 0..<steps {
      var gradient = θ
      try gradient.assign(Array(gradients[t * 15..<(t + 1) * 15]), to: "x")
      try optimizer.step(&θ, gradient: gradient)
      path += point(optimizer, θ)
    }
    return path
  }

  @Test func itIsWhatTheMethodMakesOfTheGradients() throws {
    try writeProblem()
    var configuration = configuration()
    configuration.output = path("x.npy")
    let replay = try Replay(configuration)
    #expect(replay.stepCount == steps && replay.parameterCount == 15 && replay.notes.isEmpty)
    #expect(try replay.run() == nil)
    let written = try NPYArray(contentsOf: path("x.npy"))
    #expect(written.shape == [steps + 1, 3, 5])
    #expect(written.elements == .float(try expected(Adam(learningRate: 0.01)) { $1.values }))

    configuration.precision = .double
    let inDouble = try Replay(configuration)
    #expect(inDouble.notes.count == 2 && inDouble.notes.allSatisfy { $0.contains("float64") })
    _ = try inDouble.run()
    let expectedInDouble = try expected(Adam<Double>(learningRate: 0.01)) { $1.values }
    #expect(try NPYArray(contentsOf: path("x.npy")).elements == .double(expectedInDouble))
    #expect(try scratch.names() == ["g.npy", "x.npy", "x0.npy"])
  }

  @Test func optionsAddToTheMethod() throws {
    try writeProblem()
    var configuration = configuration("rmsprop:lr=0.01")
    configuration.output = path("x.npy")
    configuration.weightDecay = 0.1
    configuration.clipNorm = 2
    _ = try Replay(configuration).run()
    let rule = RMSProp<Float>(learningRate: 0.01).decayed(by: 0.1, coupling: .learningRate)
    let written = try NPYArray(contentsOf: path("x.npy")).elements
    #expect(written == .float(try expected(rule, clipNorm: 2) { $1.values }))
    #expect(written != .float(try expected(rule) { $1.values }))

    // Then the average is written.
    configuration.average = "0.9"
    _ = try Replay(configuration).run()
    #expect(
      try NPYArray(contentsOf: path("x.npy")).elements
        == .float(try expected(rule.averaged(0.9), clipNorm: 2) { optimizer, _ in optimizer.averagedParameters.values })
    )
    configuration.average = nil
    configuration.isEvaluated = true
    #expect(throws: ReplayError.noAverage(method: "rmsprop")) { try Replay(configuration).run() }
  }

  /// A schedule without a length of its own covers all gradients.
  @Test func schedulesKnowTheNumberOfSteps() throws {
    try writeProblem()
    var configuration = configuration("sgd:lr=cosine(0.1)")
    configuration.output = path("x.npy")
    _ = try Replay(configuration).run()
    #expect(
      try NPYArray(contentsOf: path("x.npy")).elements
        == .float(try expected(SGD(learningRate: .cosine(0.1, over: steps))) { $1.values }))
  }

  @Test func severalParametersGoByName() throws {
    func write(_ name: String, _ tensors: [(name: String, shape: [Int], values: [Float])]) throws {
      var vector = ParameterVector<Float>(zeros: try ParameterLayout(tensors.map { ($0.name, $0.shape) }))
      for tensor in tensors { try vector.assign(tensor.values, to: tensor.name) }
      // The checkpoint of a method without state holds only the parameters.
      try Optimizer(SGD(), for: vector).checkpoint(vector).write(to: path(name))
    }
    let (weight, bias) = (random(6, seed: 3, of: Float.self), random(2, seed: 4, of: Float.self))
    let (g, h) = (random(6 * steps, seed: 5, of: Float.self), random(2 * steps, seed: 6, of: Float.self))
    try write("m.safetensors", [("weight", [3, 2], weight), ("bias", [2], bias)])
    // The gradients' tensors are in another order.
    try write("g.safetensors", [("bias", [steps, 2], h), ("weight", [steps, 3, 2], g)])
    var configuration = ReplayConfiguration(
      optimizer: "momentum", initial: path("m.safetensors"), gradients: path("g.safetensors"))
    configuration.output = path("x.safetensors")
    _ = try Replay(configuration).run()

    let written = try Safetensors(path: path("x.safetensors"))
    #expect(Set(written.names) == ["weight", "bias"])
    for (name, start, gradients) in [("weight", weight, g), ("bias", bias, h)] {
      var θ = try ParameterVector(start)
      var optimizer = try Optimizer(Momentum<Float>(), for: θ)
      var expected = start
      for t in 0..<steps {
        try optimizer.step(&θ, gradient: ParameterVector(Array(gradients[t * start.count..<(t + 1) * start.count])))
        expected += θ.values
      }
      #expect(try written.values(of: name, as: Float.self) == expected)
    }
    #expect(written.shape(of: "weight") == [steps + 1, 3, 2])

    configuration.output = nil
    configuration.against = path("x.safetensors")
    #expect(try #require(try Replay(configuration).run()).isAgreement)
    configuration.output = path("x.npy")
    #expect(throws: ReplayError.self) { try Replay(configuration).run() }
    configuration.gradients = path("m.safetensors")
    #expect(throws: ReplayError.self) { try Replay(configuration) }
  }

  @Test func theFirstAndTheLargestDifferenceAreFound() throws {
    try writeProblem()
    var configuration = configuration()
    configuration.output = path("x.npy")
    _ = try Replay(configuration).run()
    configuration.output = nil
    configuration.against = path("y.npy")

    let written = try NPYArray(contentsOf: path("x.npy"))
    guard case .float(var values) = written.elements else { throw CocoaError(.fileReadCorruptFile) }
    func compare() throws -> TrajectoryComparison {
      try NPYArray(.float(values), shape: written.shape).write(to: path("y.npy"))
      return try #require(try Replay(configuration).run())
    }
    let same = try compare()
    #expect(same.isAgreement && same.largest == nil && same.valueCount == 15 * (steps + 1))

    let (i, j) = (4 * 15 + 1 * 5 + 2, 20 * 15 + 2 * 5 + 3)
    let (first, largest) = (values[i], values[j])
    values[i] = first.nextUp.nextUp
    for _ in 0..<9 { values[j] = values[j].nextDown }
    let comparison = try compare()
    let difference = TrajectoryComparison.Difference(
      step: 4, parameter: "x", index: [1, 2], value: Double(first), expected: Double(values[i]), ulps: 2)
    #expect(comparison.first == difference && comparison.differenceCount == 2)
    #expect(comparison.largest?.step == 20 && comparison.largest?.index == [2, 3] && comparison.largest?.ulps == 9)
    #expect(comparison.text(against: "y.npy").contains("step 4, x[1, 2]: \(first) here, \(values[i]) there, 2 ULPs"))
    let absolute = max(abs(Double(first) - Double(values[i])), abs(Double(largest) - Double(values[j])))
    #expect(comparison.largestAbsolute == absolute)

    configuration.ulps = 2
    #expect(try compare().first?.step == 20)
    configuration.ulps = 9
    let agreement = try compare()
    #expect(agreement.isAgreement && agreement.largest?.ulps == 9)
    configuration.ulps = 0
    configuration.tolerance = absolute
    #expect(try compare().isAgreement)
    values[i] = .nan
    #expect(try compare().first?.ulps == .max)
  }

  /// A trajectory in the other precision is compared in the lower precision.
  @Test func float64IsComparedAsFloat32() throws {
    try writeProblem()
    var configuration = configuration()
    configuration.output = path("x.npy")
    _ = try Replay(configuration).run()
    guard case .float(let values) = try NPYArray(contentsOf: path("x.npy")).elements else { return }
    try NPYArray(.double(values.map { Double($0) * (1 + 1e-12) }), shape: [steps + 1, 3, 5]).write(to: path("y.npy"))
    configuration.against = path("y.npy")
    let replay = try Replay(configuration)
    #expect(replay.notes.count == 1 && replay.notes[0].contains("compared as float32"))
    let comparison = try #require(try replay.run())
    #expect(comparison.isAgreement && comparison.precision == .float)
  }

  @Test func aGradientThatIsNoNumberIsReplayedAsItIs() throws {
    try writeProblem()
    var gradients = random(15 * steps, seed: 2, of: Float.self)
    gradients[3 * 15 + 7] = .nan
    try NPYArray(.float(gradients), shape: [steps, 3, 5]).write(to: path("g.npy"))
    var configuration = configuration()
    configuration.output = path("x.npy")
    _ = try Replay(configuration).run()
    guard case .float(let values) = try NPYArray(contentsOf: path("x.npy")).elements else { return }
    #expect(values.indices.allSatisfy { values[$0].isNaN == ($0 / 15 > 3 && $0 % 15 == 7) })
    configuration.output = nil
    configuration.against = path("x.npy")
    #expect(try #require(try Replay(configuration).run()).isAgreement)
    // Clipping needs the norm.
    configuration.clipNorm = 1
    #expect { try Replay(configuration).run() } throws: { "\($0)".hasPrefix("step 4: ") }
  }

  @Test func withoutGradientsThereAreOnlyTheInitialValues() throws {
    try NPYArray(.double([1.5]), shape: []).write(to: path("x0.npy"))
    try NPYArray(.double([]), shape: [0]).write(to: path("g.npy"))
    var configuration = configuration("sgd:lr=cosine(0.1)")
    configuration.output = path("x.npy")
    _ = try Replay(configuration).run()
    #expect(try NPYArray(contentsOf: path("x.npy")) == NPYArray(.double([1.5]), shape: [1]))
  }

  @Test func anInterruptionLeavesTheOutputAsItWas() throws {
    try writeProblem()
    try Data("old".utf8).write(to: URL(filePath: path("x.npy")))
    var configuration = configuration()
    configuration.output = path("x.npy")
    #expect(throws: ReplayError.interrupted) { try Replay(configuration).run { true } }
    #expect(try String(contentsOfFile: path("x.npy"), encoding: .utf8) == "old")
    #expect(try scratch.names() == ["g.npy", "x.npy", "x0.npy"])
  }
}
