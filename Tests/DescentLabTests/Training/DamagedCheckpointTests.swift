import Descent
import Foundation
import TestSupport
import Testing

@testable import DescentLab

/// A checkpoint's statements about its run are checked: impossible ones are refused before a step is made.
@Suite struct DamagedCheckpointTests {
  private static let configuration = RunConfiguration(
    data: "digits:train=200,test=20", model: "mlp:hidden=8", optimizer: "adam", epochs: 2, batchSize: 30, seed: 3,
    threads: 1)

  /// A run of 7 steps an epoch that was stopped after step 10.
  private func stopped(
    in scratch: TemporaryFolder, _ configuration: RunConfiguration = configuration
  ) throws -> (plan: RunPlan, checkpoint: String) {
    let plan = try RunPlan(configuration)
    let folder = scratch.path + "/run"
    let trainer = try Trainer(plan, in: RunFolder(folder, configuration: plan.configuration, resume: false))
    #expect(try trainer.run { trainer.step == 10 } == .interrupted)
    return (plan, folder + "/checkpoint.safetensors")
  }

  private func resume(_ plan: RunPlan, in scratch: TemporaryFolder) throws -> Trainer {
    try Trainer(plan, in: RunFolder(scratch.path + "/run", configuration: plan.configuration, resume: true))
  }

  @Test(arguments: [
    ("step", "-1"), ("step", "9"), ("step", "11"), ("step", "9223372036854775807"), ("epoch", "-1"), ("epoch", "0"),
    ("epoch", "2"), ("epoch", "3"), ("epoch", "9223372036854775807"), ("batch", "-1"), ("batch", "8"),
    ("batch", "1000"), ("batch", "9223372036854775807"), ("correct", "-1"), ("correct", "91"),
    ("correct", "9223372036854775807"), ("exampleCount", "0"), ("exampleCount", "9223372036854775807"),
    ("exampleCount", "-9223372036854775808"), ("seconds", "-1"), ("seconds", "\"nan\""), ("step", "1e300"),
    ("step", "\"ten\""), ("step", "1.5"),
  ])
  func positionsThatNoRunComesToAreRefused(_ field: String, _ value: String) throws {
    let scratch = try TemporaryFolder()
    let (plan, path) = try stopped(in: scratch)
    _ = try resume(plan, in: scratch)
    let before = try String(contentsOfFile: scratch.path + "/run/metrics.csv", encoding: .utf8)
    var checkpoint = try Checkpoint<Float>(contentsOf: path)
    let note = try #require(checkpoint.notes["position"])
    checkpoint.notes["position"] = note.replacing(
      try Regex("\"\(field)\":[^,}]+"), with: "\"\(field)\":\(value)")
    #expect(checkpoint.notes["position"] != note)
    try checkpoint.write(to: path)
    let error = #expect(throws: RunError.self) { try resume(plan, in: scratch) }
    #expect(error?.description.contains("checkpoint.safetensors") == true)
    #expect(try String(contentsOfFile: scratch.path + "/run/metrics.csv", encoding: .utf8) == before)
    // A comparison does not count it as a finished run.
    let position = RunCheckpoint(path: path, seed: 3).position(of: plan)
    #expect(position == nil)
    if case .unreadableCheckpoint(_, let reason)? = error, !["1e300", "1.5", "\"ten\""].contains(value) {
      #expect(reason.contains("but must "), "\(reason)")
    }
  }

  @Test(arguments: [1e300, -1, 0.5]) func countsOfTheGuardAreChecked(_ count: Double) throws {
    let scratch = try TemporaryFolder()
    let (plan, path) = try stopped(in: scratch)
    for name in ["skipped", "consecutive"] {
      var checkpoint = try Checkpoint<Float>(contentsOf: path)
      checkpoint.transforms["nonFiniteGuard"]?.numbers[name] = count
      try checkpoint.write(to: path)
      #expect(throws: RunError.self) { try resume(plan, in: scratch) }
    }
  }

  /// With the checkpoint's options, the run would go on with a rate that differs from its configuration.
  @Test(arguments: [
    ("adam", "adam:lr=0.1", "learningRate 0.1, not 0.001"), ("adam", "adam:beta2=0.5", "beta2 0.5, not 0.999"),
    ("muon", "muon:lr=0.5", "learningRate 0.5, not 0.02"),
    ("adam:lr=cosine(0.1,over=100)", "adam:lr=cosine(0.1,over=99)", "learningRate cosine(0.1, to=0.0, over=99)"),
    ("prodigy", "prodigy:lr=0.5", "learningRate 0.5, not 1.0"),
  ])
  func aCheckpointWithOtherOptionsIsRefused(_ mine: String, _ other: String, _ difference: String) throws {
    let scratch = try TemporaryFolder()
    var configuration = Self.configuration
    configuration.optimizer = other
    let (_, path) = try stopped(in: scratch, configuration)
    let checkpoint = try Data(contentsOf: URL(filePath: path))
    try FileManager.default.removeItem(atPath: scratch.path + "/run")
    configuration.optimizer = mine
    let (plan, _) = try stopped(in: scratch, configuration)
    _ = try resume(plan, in: scratch)
    try checkpoint.write(to: URL(filePath: path))
    let error = #expect(throws: RunError.self) { try resume(plan, in: scratch) }
    #expect(error?.description.contains(difference) == true, "\(error?.description ?? "")")
    #expect(throws: RunError.self) { try RunEvaluation(of: scratch.path + "/run", plan.configuration) }
  }
}
