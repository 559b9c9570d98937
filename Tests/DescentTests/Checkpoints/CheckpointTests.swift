import Descent
import Foundation
import TestSupport
import Testing

@Suite struct CheckpointTests {
  /// An AdamW checkpoint from before the decay was coupled to the rate, with that time's default, keeps its meaning.
  @Test func theCouplingOfADecayIsTheCheckpoints() throws {
    var θ = try ParameterVector<Float>([1, 2])
    let g = θ
    var optimizer = try Optimizer(AdamW<Float>(weightDecay: 0.25, decayCoupling: .independent), for: θ)
    try optimizer.step(&θ, gradient: g)
    var checkpoint = try optimizer.checkpoint(θ)
    checkpoint.ruleOptions = """
      {"beta1":"0.9","beta2":0.999,"decayCoupling":"independent","epsilon":1e-08,"learningRate":"0.001","schedule":"1.0",\
      "weightDecay":0.25}
      """
    var restored = try Optimizer(AdamW<Float>(), for: θ)
    #expect(restored.rule.weightDecay == 0.01 && restored.rule.decayCoupling == .learningRate)
    var φ = θ
    try restored.restore(checkpoint, into: &φ)
    #expect(restored.rule.weightDecay == 0.25 && restored.rule.decayCoupling == .independent)
    try optimizer.step(&θ, gradient: g)
    try restored.step(&φ, gradient: g)
    #expect(φ == θ)
  }

  private let folder: TemporaryFolder
  private var path: String { folder.path + "/checkpoint.safetensors" }

  init() throws { folder = try TemporaryFolder() }

  private func trained() throws -> (Optimizer<Adam<Float>>, ParameterVector<Float>) {
    let layout = try ParameterLayout([("w", [2, 3]), ("b", [3])])
    var θ = ParameterVector<Float>(zeros: layout)
    var g = θ
    try g.assign([1, 2, 3, 4, 5, 6], to: "w")
    try g.assign([-1, -2, -3], to: "b")
    var optimizer = try Optimizer(Adam<Float>(learningRate: .cosine(0.1, over: 50)), for: θ)
    for _ in 0..<3 { try optimizer.step(&θ, gradient: g) }
    return (optimizer, θ)
  }

  @Test func everythingIsReadBack() throws {
    let (optimizer, θ) = try trained()
    var stream = RandomStream(seed: 3, name: "noise")
    for _ in 0..<5 { _ = stream.next() }
    var checkpoint = try optimizer.checkpoint(θ)
    checkpoint.streams["noise"] = stream
    checkpoint.notes["epoch"] = "7 \"quoted\" / ü"
    try checkpoint.write(to: path)
    let read = try Checkpoint<Float>(contentsOf: path)
    #expect(read.parameters == θ && read.stepCount == 3 && read.rule == "adam")
    #expect(try read.slots["adam/v"] == optimizer.slot("adam/v"))
    #expect(read.streams["noise"] == stream && read.notes == checkpoint.notes)
    #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path) == ["checkpoint.safetensors"])
    let file = try Safetensors(path: path)
    #expect(Set(file.names) == ["w", "b", "adam/m/w", "adam/m/b", "adam/v/w", "adam/v/b"])
    #expect(file.shape(of: "adam/m/w") == [2, 3] && file.type(of: "w") == "F32")
  }

  /// Parameters are found by name: an optimizer whose model lists them in another order reads the same state.
  @Test func orderDoesNotMatter() throws {
    let (optimizer, θ) = try trained()
    try optimizer.checkpoint(θ).write(to: path)
    var other = ParameterVector<Float>(zeros: try ParameterLayout([("b", [3]), ("w", [2, 3])]))
    var restored = try Optimizer(Adam<Float>(), for: other)
    try restored.restore(Checkpoint(contentsOf: path), into: &other)
    #expect(try other.values(of: "w") == θ.values(of: "w"))
    #expect(try restored.slot("adam/m").values(of: "b") == optimizer.slot("adam/m").values(of: "b"))
    #expect(restored.rule.learningRate == .cosine(0.1, over: 50))
  }

  @Test func otherRulesAndModelsAreRefusedWithWhatDiffers() throws {
    let (optimizer, θ) = try trained()
    let checkpoint = try optimizer.checkpoint(θ)
    var copy = θ
    var adaDelta = try Optimizer(AdaDelta<Float>(), for: θ)
    #expect(throws: CheckpointError.self) { try adaDelta.restore(checkpoint, into: &copy) }
    var averaged = try Optimizer(Adam<Float>().averaged(0.9), for: θ)
    #expect(throws: CheckpointError.self) { try averaged.restore(checkpoint, into: &copy) }
    var other = ParameterVector<Float>(zeros: try ParameterLayout([("w", [3, 2]), ("b", [3])]))
    var adam = try Optimizer(Adam<Float>(), for: other)
    do {
      try adam.restore(checkpoint, into: &other)
      Issue.record("a checkpoint of another layout was accepted")
    } catch {
      #expect("\(error)".contains("'w' has shape [2, 3] instead of [3, 2]"))
    }
    #expect(adam.stepCount == 0 && other.values.allSatisfy { $0 == 0 } && copy == θ)
    try checkpoint.write(to: path)
    #expect(throws: SafetensorsError.self) { try Checkpoint<Double>(contentsOf: path) }
  }

  @Test func otherOptionsAreFound() throws {
    let (optimizer, θ) = try trained()
    let checkpoint = try optimizer.checkpoint(θ)
    #expect(try optimizer.optionDifference(from: checkpoint) == nil)
    #expect(
      try Optimizer(Adam<Float>(learningRate: 0.25), for: θ).optionDifference(from: checkpoint)
        == "learningRate cosine(0.1, to=0.0, over=50), not 0.25")
    var grouped = optimizer
    try grouped.group("b") { $0.beta1 = 0.5 }
    #expect(try grouped.optionDifference(from: checkpoint) == "other parameter groups")
    #expect(throws: CheckpointError.self) {
      try Optimizer(SGD<Float>(), for: θ).optionDifference(from: checkpoint)
    }
    var muon = try Optimizer(Muon<Float>(), for: θ)
    let saved = try muon.checkpoint(θ)
    #expect(try muon.optionDifference(from: saved) == nil)
    muon.rule.momentum = 0.5
    #expect(try muon.optionDifference(from: saved)?.hasPrefix("momentum ") == true)
  }

  /// A checkpoint's options, and its groups' options, have the same bounds as options given by a program.
  @Test func optionsOutOfRangeAreRefused() throws {
    var (optimizer, θ) = try trained()
    try optimizer.group("b") { $0.beta1 = 0.5 }
    let good = try optimizer.checkpoint(θ)
    var bad = good
    bad.groups = good.groups.replacing("\"beta1\":\"0.5\"", with: "\"beta1\":\"1.5\"")
    #expect(bad.groups != good.groups)
    #expect(throws: CheckpointError.self) { try optimizer.restore(bad, into: &θ) }
    var vector = try Optimizer(Muon<Float>(), for: θ)
    try vector.group("b", options: [("momentum", "0.25")])
    let saved = try vector.checkpoint(θ)
    var other = saved
    other.groups = saved.groups.replacing("0.25", with: "-0.25")
    #expect(other.groups != saved.groups)
    #expect(throws: CheckpointError.self) { try vector.restore(other, into: &θ) }
  }

  @Test(arguments: [(-1, 0), (0.5, 0), (1e300, 0), (.nan, 0), (2, 3), (0, -.infinity)] as [(Double, Double)])
  func countsOfTheGuardThatAreNoneAreRefused(_ skipped: Double, _ consecutive: Double) throws {
    var (optimizer, θ) = try trained()
    optimizer.transforms = [NonFiniteGuard()]
    var checkpoint = try optimizer.checkpoint(θ)
    try optimizer.restore(checkpoint, into: &θ)
    checkpoint.transforms["nonFiniteGuard"] = TransformState(
      numbers: ["skipped": skipped, "consecutive": consecutive])
    let error = #expect(throws: CheckpointError.self) { try optimizer.restore(checkpoint, into: &θ) }
    #expect(error?.description.contains("'nonFiniteGuard/") == true, "\(error?.description ?? "")")
  }

  @Test func countsOfAccumulationThatDoNotFitItsSumAreRefused() throws {
    var (optimizer, θ) = try trained()
    optimizer.transforms = [Accumulate(3)]
    try optimizer.step(&θ, gradient: θ)
    let good = try optimizer.checkpoint(θ)
    try optimizer.restore(good, into: &θ)
    for (name, value) in [("received", 0), ("received", -1), ("received", 1e300), ("totalWeight", .infinity)] {
      var bad = good
      bad.transforms["accumulate"]?.numbers[name] = value
      #expect(throws: CheckpointError.self, "\(name) \(value)") { try optimizer.restore(bad, into: &θ) }
    }
  }

  @Test func damagedFilesAreRefused() throws {
    let (optimizer, θ) = try trained()
    try optimizer.checkpoint(θ).write(to: path)
    let good = try Data(contentsOf: URL(fileURLWithPath: path))
    let bad = folder.path + "/bad"
    for count in [0, 1, 7, 8, 9, 100, good.count - 1] {
      try good.prefix(count).write(to: URL(fileURLWithPath: bad))
      #expect(throws: SafetensorsError.self, "\(count) bytes") { try Checkpoint<Float>(contentsOf: bad) }
    }
    try (good + Data([0])).write(to: URL(fileURLWithPath: bad))
    #expect(throws: SafetensorsError.self) { try Checkpoint<Float>(contentsOf: bad) }
    #expect(throws: SafetensorsError.self) { try Checkpoint<Float>(contentsOf: folder.path + "/missing") }
    #expect(throws: SafetensorsError.self) { try Checkpoint<Float>(contentsOf: folder.path) }
    // Any change of one byte of the header is refused or harmless, never a trap.
    var stream = RandomStream(seed: 1, name: "mutation")
    for _ in 0..<3000 {
      var bytes = good
      bytes[stream.integer(below: good.count)] = UInt8(truncatingIfNeeded: stream.next())
      try bytes.write(to: URL(fileURLWithPath: bad))
      guard let checkpoint = try? Checkpoint<Float>(contentsOf: bad) else { continue }
      var copy = θ
      var restored = try Optimizer(Adam<Float>(), for: θ)
      try? restored.restore(checkpoint, into: &copy)
    }
  }

  @Test func failedWritesLeaveTheOldFile() throws {
    let (optimizer, θ) = try trained()
    try optimizer.checkpoint(θ).write(to: path)
    #expect(throws: FileError.self) { try optimizer.checkpoint(θ).write(to: folder.path + "/none/c.safetensors") }
    #expect(throws: FileError.self) { try optimizer.checkpoint(θ).write(to: folder.path) }
    #expect(try Checkpoint<Float>(contentsOf: path).stepCount == 3)
  }
}
