import Descent
import DescentData
import DescentNetworks
import Foundation
import TestSupport
import Testing

@testable import DescentLab

@Suite struct DiagnosedTrainingTests {
  private func configuration(_ diagnostics: Int?, model: String = "mlp:hidden=8", optimizer: String = "adam")
    -> RunConfiguration
  {
    var configuration = RunConfiguration(
      data: "digits:train=100,test=20", model: model, optimizer: optimizer, epochs: 2, batchSize: 30, seed: 3,
      threads: 1)
    configuration.diagnostics = diagnostics
    return configuration
  }

  private func run(_ configuration: RunConfiguration, in folder: String, stops: [Int] = []) throws -> Data {
    let plan = try RunPlan(configuration)
    for stop in stops {
      let trainer = try Trainer(plan, in: RunFolder(folder, configuration: plan.configuration, resume: true))
      #expect(try trainer.run { trainer.step == stop } == .interrupted)
    }
    let trainer = try Trainer(plan, in: RunFolder(folder, configuration: plan.configuration, resume: true))
    #expect(try trainer.run() == .finished)
    return try Data(contentsOf: URL(filePath: folder + "/checkpoint.safetensors"))
  }

  private func diagnostics(in folder: String) -> [EventReader.Scalar] {
    EventReader(folder: folder).scalars.filter { $0.tag.hasPrefix(DiagnosticMetric.prefix) }
  }

  // The perceptron with dropout draws noise: the diagnostics must not draw from the run's stream.
  @Test(arguments: ["mlp:hidden=8", "mlp:hidden=8,dropout=0.5", "vae:hidden=8,latent=2"])
  func theRunHasTheSameBitsWithAndWithout(_ model: String) throws {
    let scratch = try TemporaryFolder()
    let plain = try run(configuration(nil, model: model), in: scratch.path + "/plain")
    let diagnosed = try run(configuration(2, model: model), in: scratch.path + "/diagnosed")
    #expect(diagnosed == plain)
    #expect(diagnostics(in: scratch.path + "/plain").isEmpty)
    let steps = Set(diagnostics(in: scratch.path + "/diagnosed").map(\.step))
    #expect(steps == [2, 4, 6, 8])
  }

  @Test func resumedRunsHaveTheSameDiagnostics() throws {
    let scratch = try TemporaryFolder()
    let whole = try run(configuration(3), in: scratch.path + "/whole")
    #expect(try run(configuration(3), in: scratch.path + "/parts", stops: [2, 4, 7]) == whole)
    #expect(diagnostics(in: scratch.path + "/parts") == diagnostics(in: scratch.path + "/whole"))
    // The interval may change during a run.
    #expect(try run(configuration(1), in: scratch.path + "/changed", stops: [2]) == whole)
    let plan = try RunPlan(configuration(nil))
    _ = try RunFolder(scratch.path + "/changed", configuration: plan.configuration, resume: true)
  }

  /// The written values equal those computed here from gradients and parameters, for the first step of gradient descent
  /// with rate ½.
  @Test func valuesAreThoseOfTheStep() throws {
    let scratch = try TemporaryFolder()
    let configuration = configuration(1, optimizer: "sgd:lr=0.5")
    let plan = try RunPlan(configuration)
    let trainer = try Trainer(plan, in: RunFolder(scratch.path, configuration: plan.configuration, resume: false))
    #expect(try trainer.run { true } == .interrupted)
    let values = Dictionary(uniqueKeysWithValues: diagnostics(in: scratch.path).map { ($0.tag, $0.value) })

    let θ = plan.model.initialParameters(seed: 3)
    var g = θ
    var batches = BatchSequence(plan.dataset.train, batchSize: 30, order: .shuffled(seed: 3)).makeIterator()
    let next = batches.next()
    let first = try #require(next)
    let engine = Engine(threadCount: 1)
    let noise = RandomStream(seed: 0, name: "none")
    _ = try engine.gradient(of: plan.model, first, at: θ, into: &g, noise: noise)
    func norm(_ x: [Float]) -> Double { x.reduce(0) { $0 + Double($1) * Double($1) }.squareRoot() }
    func check(_ tag: String, _ expected: Double) {
      let value = values["diagnostics/" + tag] ?? .nan
      #expect(abs(value - expected) <= 2e-4 * abs(expected), "\(tag): \(value), not \(expected)")
    }
    for block in plan.model.layout.blocks {
      let (gNorm, θNorm) = (norm(try g.values(of: block.name)), norm(try θ.values(of: block.name)))
      check("gradient_norm/\(block.name)", gNorm)
      check("effective_step/\(block.name)", 0.5)
      if θNorm > 0 { check("relative_update/\(block.name)", 0.5 * gNorm / θNorm) }
      #expect(values["diagnostics/epsilon_share/\(block.name)"] == nil)
    }
    check("gradient_norm", norm(g.values))

    // The gradients of the batch's two halves.
    var (a, b) = (θ, θ)
    let (one, two) = try #require(first.halves)
    _ = try engine.gradient(of: plan.model, one, at: θ, into: &a, noise: noise)
    _ = try engine.gradient(of: plan.model, two, at: θ, into: &b, noise: noise)
    let products: [Double] = zip(a.values, b.values).map { Double($0) * Double($1) }
    let differences: [Double] = zip(a.values, b.values).map { Double($0) - Double($1) }
    let signal = products.reduce(0, +)
    let trace = 7.5 * differences.reduce(0) { $0 + $1 * $1 }
    check("gradient_signal", signal)
    check("gradient_noise", trace)
    // With so few examples the estimate of ‖G‖² may be negative.
    if signal > 0 { check("noise_scale", trace / signal) } else { #expect(values["diagnostics/noise_scale"] == nil) }
    check("signal_to_noise", 30 * signal / trace)
    // The batch's gradient is the mean of the halves' gradients.
    let mean = zip(a.values, b.values).map { ($0 + $1) / 2 }
    #expect(abs(norm(mean) - norm(g.values)) < 1e-5 * norm(mean))
  }

  @Test func refusesWhatCannotBeMeasured() throws {
    #expect(throws: RunError.self) { try RunPlan(configuration(0)) }
    var blocks = configuration(5)
    blocks.updateInBackward = true
    let error = #expect(throws: RunError.self) { try RunPlan(blocks) }
    #expect(error?.description.contains("--update-in-backward") == true)
  }

  @Test func configurationsWithoutTheSettingAreStillRead() throws {
    let text = #"{"data":"digits","model":"mlp","optimizer":"adam","epochs":1,"batchSize":10,"seed":1,"threads":1}"#
    let configuration = try JSONDecoder().decode(RunConfiguration.self, from: Data(text.utf8))
    #expect(configuration.diagnostics == nil)
  }
}
