import TestSupport
import Testing

@testable import Descent

/// Checkpoints that programs of version 0.1 wrote of methods chosen by name. Their options are copied from such files.
@Suite struct FirstVersionTests {
  private let θ: ParameterVector<Float>
  private let g: ParameterVector<Float>

  init() throws {
    let layout = try ParameterLayout([("w", [3, 4]), ("b", [4])])
    var (x, y) = (ParameterVector<Float>(zeros: layout), ParameterVector<Float>(zeros: layout))
    for (i, block) in layout.blocks.enumerated() {
      try x.assign(randomVector(block.count, seed: UInt64(i)).values, to: block.name)
      try y.assign(randomVector(block.count, seed: UInt64(10 + i)).values, to: block.name)
    }
    (θ, g) = (x, y)
  }

  private static let muon = """
    {"adamBeta1":0.9,"adamBeta2":0.95,"adamEpsilon":1e-10,"adamLearningRate":"0.0003","adamWeightDecay":0,\
    "asAdamW":false,"buffer":"sum","epsilon":1e-07,"iterations":5,"learningRate":"0.02","momentum":0.95,\
    "nesterov":true,"polynomial":"fast","scaling":"spectral"}
    """
  private static let adam = """
    {"beta1":"0.9","beta2":0.999,"biasCorrection":true,"epsilon":1e-08,"epsilonForm":"corrected","epsilonRoot":0,\
    "learningRate":"0.001"}
    """
  private static let prodigy = """
    {"beta1":0.9,"beta2":0.999,"beta3":0,"biasCorrection":false,"distanceFactor":1,"epsilon":1e-08,"growthRate":0,\
    "initialDistance":1e-06,"learningRate":"1.0","safeguardWarmup":false,"weightDecay":0}
    """

  /// Goes on from a checkpoint of `writer` whose options are `options`, with `reader`, which has other options: as
  /// `writer` itself would.
  private func expectSameSteps<Rule: SteppingRule<Float>>(
    _ writer: Optimizer<Rule>, _ options: String, groups: String? = nil, _ reader: Optimizer<Rule>,
    sourceLocation: SourceLocation = #_sourceLocation
  ) throws {
    var (writer, reader, x, y) = (writer, reader, θ, θ)
    for _ in 1...2 { try writer.step(&x, gradient: g) }
    var checkpoint = try writer.checkpoint(x)
    #expect(checkpoint.ruleOptions != options, sourceLocation: sourceLocation)
    checkpoint.ruleOptions = options
    if let groups { checkpoint.groups = groups }
    #expect(try writer.optionDifference(from: checkpoint) == nil, sourceLocation: sourceLocation)
    #expect(try reader.optionDifference(from: checkpoint) != nil, sourceLocation: sourceLocation)
    try reader.restore(checkpoint, into: &y)
    for _ in 1...4 {
      try writer.step(&x, gradient: g)
      try reader.step(&y, gradient: g)
    }
    #expect(x == y && reader.slots == writer.slots, sourceLocation: sourceLocation)
    for slot in writer.slots { #expect(try writer.slot(slot) == reader.slot(slot), sourceLocation: sourceLocation) }
  }

  /// A tensor rule with decay, penalty and average.
  @Test func tensorRules() throws {
    let options = """
      {"average":{"exponential":{"_0":0.9}},"base":{"base":\(Self.muon),"groups":[]},"decayCoupling":"learningRate",\
      "penalty":0.001,"weightDecay":0.01}
      """
    let rule = Muon<Float>().decayed(by: 0.01).penalized(by: 0.001).averaged(0.9)
    let other = Muon<Float>(learningRate: 1).decayed(by: 0.5).penalized(by: 0.5).averaged(0.5)
    try expectSameSteps(Optimizer(rule, for: θ), options, Optimizer(other, for: θ))
  }

  /// A tensor rule alone, as a program that knew its type wrote it, with a group and a frozen parameter.
  @Test func groupsOfTensorRules() throws {
    let slow = Self.muon.replacing("\"learningRate\":\"0.02\"", with: "\"learningRate\":\"0.005\"")
    let options = """
      {"base":\(Self.muon),"groups":[{"isFrozen":false,"pattern":"w","rule":\(slow)},\
      {"isFrozen":true,"pattern":"b","rule":\(Self.muon)}]}
      """
    var writer = try Optimizer(Muon<Float>(), for: θ)
    try writer.group("w") { $0.learningRate = 0.005 }
    try writer.freeze("b")
    try expectSameSteps(writer, options, groups: "[]", Optimizer(Muon<Float>(momentum: 0.5), for: θ))

    // The same by name: the method has neither decay nor penalty.
    let named = "{\"base\":\(options),\"decayCoupling\":\"learningRate\",\"penalty\":0,\"weightDecay\":0}"
    var composed = try Optimizer(Muon<Float>().decayed(by: 0).penalized(by: 0), for: θ)
    try composed.group("w") { $0.learningRate = 0.005 }
    try composed.freeze("b")
    let other = try Optimizer(Muon<Float>().decayed(by: 0.1).penalized(by: 0.1), for: θ)
    try expectSameSteps(composed, named, groups: "[]", other)
  }

  @Test func vectorRules() throws {
    let options = """
      {"average":{"polyak":{"from":3}},"base":\(Self.prodigy),"decayCoupling":"learningRate","penalty":0.001,\
      "weightDecay":0}
      """
    let rule = Prodigy<Float>().decayed(by: 0).penalized(by: 0.001).averaged(.polyak(from: 3))
    let other = Prodigy<Float>(learningRate: 0.5).decayed(by: 0).penalized(by: 1).averaged(0.1)
    try expectSameSteps(Optimizer(rule, for: θ), options, Optimizer(other, for: θ))
  }

  /// Slow weights were kept beside the method, and its options did not mention them: the program's count.
  @Test func slowWeights() throws {
    func composed(_ rate: Schedule, _ decay: Double) -> Lookahead<Clipped<Penalized<Decayed<Adam<Float>>>>> {
      Adam(learningRate: rate).decayed(by: decay).penalized(by: 0).clipped(to: .greatestFiniteMagnitude)
        .lookingAhead(every: 3)
    }
    try expectSameSteps(
      Optimizer(composed(0.001, 0), for: θ), Self.adam, Optimizer(composed(0.5, 0.1), for: θ))
    let decayed = """
      {"base":{"base":\(Self.adam),"decayCoupling":"learningRate","weightDecay":0.5},"penalty":0}
      """
    try expectSameSteps(
      Optimizer(composed(0.001, 0.5), for: θ), decayed, Optimizer(composed(0.5, 0.1), for: θ))
  }

  /// An average by name was kept beside the plain rule.
  @Test func averages() throws {
    func composed(_ rate: Schedule, _ β: Double) -> Averaged<Clipped<Penalized<Decayed<Adam<Float>>>>> {
      Adam(learningRate: rate).decayed(by: 0).penalized(by: 0).clipped(to: .greatestFiniteMagnitude).averaged(β)
    }
    let options = "{\"average\":{\"exponential\":{\"_0\":0.75}},\"base\":\(Self.adam)}"
    try expectSameSteps(
      Optimizer(composed(0.001, 0.75), for: θ), options, Optimizer(composed(0.5, 0.5), for: θ))
  }

  /// What the present composition has not is refused and not left out.
  @Test func compositionsThatDoNotFitAreRefused() throws {
    var optimizer = try Optimizer(Muon<Float>().decayed(by: 0.01), for: θ)
    var x = θ
    var checkpoint = try optimizer.checkpoint(θ)
    func options(_ penalty: Double) -> String {
      """
      {"base":{"base":\(Self.muon),"groups":[]},"decayCoupling":"learningRate","penalty":\(penalty),"weightDecay":0.25}
      """
    }
    checkpoint.ruleOptions = options(0.001)
    #expect(throws: CheckpointError.unreadableOptions(rule: "muon")) { try optimizer.restore(checkpoint, into: &x) }
    checkpoint.ruleOptions = options(0)
    try optimizer.restore(checkpoint, into: &x)
    #expect(optimizer.rule.weightDecay == 0.25)
    checkpoint.ruleOptions = options(0).replacing("0.25", with: "-0.25")
    #expect(throws: CheckpointError.self) { try optimizer.restore(checkpoint, into: &x) }
    checkpoint.ruleOptions = "[1, {\"base\": 2}]"
    #expect(throws: CheckpointError.unreadableOptions(rule: "muon")) { try optimizer.restore(checkpoint, into: &x) }
  }
}
