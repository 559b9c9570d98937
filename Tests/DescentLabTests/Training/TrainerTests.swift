import Descent
import DescentCatalogue
import Foundation
import TestSupport
import Testing

@testable import DescentLab

@Suite struct TrainerTests {
  private func configuration(_ optimizer: String) -> RunConfiguration {
    RunConfiguration(
      data: "digits:train=200,test=20", model: "mlp:hidden=8", optimizer: optimizer, epochs: 2, batchSize: 30, seed: 3,
      threads: 1)
  }

  /// Runs `plan` in `folder`, and stops and goes on after each of the steps `stops`.
  private func run(_ plan: RunPlan, in folder: String, stoppingAfter stops: [Int] = []) throws -> Data {
    for stop in stops { try interrupt(plan, in: folder, after: stop) }
    let trainer = try Trainer(plan, in: RunFolder(folder, configuration: plan.configuration, resume: true))
    #expect(try trainer.run() == .finished)
    #expect(trainer.rows.map(\.step) == [7, 14])
    return try Data(contentsOf: URL(filePath: folder + "/checkpoint.safetensors"))
  }

  /// Runs `plan` in `folder` up to step `stop`, and lets go of the folder.
  private func interrupt(_ plan: RunPlan, in folder: String, after stop: Int) throws {
    let trainer = try Trainer(plan, in: RunFolder(folder, configuration: plan.configuration, resume: true))
    #expect(try trainer.run { trainer.step == stop } == .interrupted)
  }

  // One method for each way of holding state; the catalogue's tests resume every method.
  @Test(arguments: [
    "momentum", "adadelta", "adam", "adam:state=block8", "adam:state=bfloat16", "asgd", "schedulefreeadamw",
    "adafactor", "adashift", "muon", "prodigy", "momentum:sam=0.05", "muon:asam=0.5",
    "kfac:inverseInterval=4", "adaptivekfac:dampingInterval=2", "adaptivekfac:structure=tridiagonal,inverseInterval=2",
    "vsgdb", "ekfac:basisInterval=5", "kbfgs:lr=0.01,damping=1",
    "kbfgsl:lr=0.01,damping=1,history=3", "mbf:lr=1e-4,damping=0.1", "tnt:lr=1e-4", "naturalnewton:lr=0.001",
    "hessianfree", "sophiag", "vsgd:lr=0.01,mu=0.02", "beckerlecun:lr=0.001,curvatureInterval=3",
  ])
  func methodsResumeWithTheSameBits(_ method: String) throws {
    let scratch = try TemporaryFolder()
    let plan = try RunPlan(configuration(method))
    let whole = try run(plan, in: scratch.path + "/whole")
    // Stops in the middle of an epoch, at its last step, and at the first step of the next.
    #expect(try run(plan, in: scratch.path + "/parts", stoppingAfter: [3, 7, 8, 14]) == whole)
  }

  /// A run that is stopped while an epoch is evaluated evaluates it again, and ends with the same bits.
  @Test(arguments: [7, 14]) func anEvaluationIsDoneAgain(_ step: Int) throws {
    let scratch = try TemporaryFolder()
    let plan = try RunPlan(configuration("adam"))
    let whole = try run(plan, in: scratch.path + "/whole")
    do {
      let folder = scratch.path + "/parts"
      let trainer = try Trainer(plan, in: RunFolder(folder, configuration: plan.configuration, resume: true))
      var looks = 0
      let outcome = try trainer.run {
        looks += trainer.step == step ? 1 : 0
        return looks == 2
      }
      #expect(outcome == .interrupted && trainer.step == step && trainer.rows.count == step / 7 - 1)
    }
    #expect(try run(plan, in: scratch.path + "/parts") == whole)
  }

  /// A run whose parameters are stepped one by one has the plain run's losses, also after a resumption.
  @Test func updateInBackwardTrainsTheSame() throws {
    let scratch = try TemporaryFolder()
    var configuration = configuration("adam")
    let plain = try RunPlan(configuration)
    _ = try run(plain, in: scratch.path + "/plain")
    configuration.updateInBackward = true
    let plan = try RunPlan(configuration)
    let whole = try run(plan, in: scratch.path + "/whole")
    #expect(try run(plan, in: scratch.path + "/parts", stoppingAfter: [3, 7]) == whole)
    func losses(_ name: String) throws -> [[Double?]] {
      try MetricsFile("\(scratch.path)/\(name)/metrics.csv", upTo: 14).rows.map { [$0.trainLoss, $0.testLoss] }
    }
    #expect(try losses("whole") == losses("plain"))
    // The plain run's checkpoint has the state of its guard.
    #expect(throws: RunFolderError.self) {
      try RunFolder(scratch.path + "/plain", configuration: plan.configuration, resume: true)
    }
  }

  @Test func updateInBackwardRefusesWhatNeedsTheWholeGradient() throws {
    for optimizer in ["shampoo", "adam:centralize=true", "adam:sam=0.05"] {
      var configuration = configuration(optimizer)
      configuration.updateInBackward = true
      #expect(throws: RunError.self, "\(optimizer)") { try RunPlan(configuration) }
    }
    var configuration = configuration("adam")
    configuration.updateInBackward = true
    configuration.clipNorm = 1
    #expect(throws: RunError.self) { try RunPlan(configuration) }
  }

  @Test func samAndAsamAreOneOrTheOther() throws {
    #expect(throws: RunError.self) { try RunPlan(configuration("adam:sam=0.05,asam=0.5")) }
    #expect(throws: RuleError.self) { try RunPlan(configuration("adam:sam=-1")) }
  }

  @Test(arguments: ["0.9", "polyak", "polyak:5"])
  func averagesResumeWithTheSameBits(_ average: String) throws {
    let scratch = try TemporaryFolder()
    var configuration = configuration("sgd:lr=inversesqrt(0.1)")
    configuration.average = average
    configuration.clipNorm = 0.5
    configuration.weightDecay = 0.01
    let plan = try RunPlan(configuration)
    let whole = try run(plan, in: scratch.path + "/whole")
    #expect(try run(plan, in: scratch.path + "/parts", stoppingAfter: [6, 9]) == whole)
  }

  @Test func theSameSeedGivesTheSameBitsAndAnotherDoesNot() throws {
    let scratch = try TemporaryFolder()
    var configuration = configuration("adam")
    let first = try run(try RunPlan(configuration), in: scratch.path + "/1")
    #expect(try run(try RunPlan(configuration), in: scratch.path + "/2") == first)
    configuration.seed = 4
    #expect(try run(try RunPlan(configuration), in: scratch.path + "/3") != first)
  }

  @Test func aProcessKilledBetweenRowAndCheckpointLeavesNoRowTwice() throws {
    let scratch = try TemporaryFolder()
    let plan = try RunPlan(configuration("adam"))
    let whole = try run(plan, in: scratch.path + "/run")
    let folder = scratch.path + "/killed"
    try interrupt(plan, in: folder, after: 13)
    let rows = try String(contentsOfFile: scratch.path + "/run/metrics.csv", encoding: .utf8)
    #expect(rows.split(separator: "\n").count == 3)
    try AtomicFile.write(rows, to: folder + "/metrics.csv")
    #expect(try run(plan, in: folder) == whole)
  }

  @Test func adamWTakesTheCommandsWeightDecayAsItsOwn() throws {
    var configuration = configuration("adamw")
    configuration.weightDecay = 0.01
    let plan = try RunPlan(configuration)
    // The text in config.json is accepted as input.
    #expect(try RunPlan(plan.configuration).configuration == plan.configuration)
    configuration.optimizer = "adamw:weightDecay=0.5"
    #expect(throws: RunError.self) { try RunPlan(configuration) }
    // The text in config.json from before the standard decay was coupled to the rate.
    let former = "adamw:learningRate=0.01,weightDecay=1e-05,decayCoupling=independent"
    configuration.optimizer = former
    let scratch = try TemporaryFolder()
    let old = try run(try RunPlan(configuration), in: scratch.path + "/old")
    configuration.optimizer = "adamw:learningRate=0.01"
    #expect(try run(try RunPlan(configuration), in: scratch.path + "/new") == old)
    // Without the command's decay it keeps its own meaning.
    configuration.weightDecay = nil
    configuration.optimizer = former
    #expect(try RunPlan(configuration).configuration.optimizer.contains("weightDecay=1e-05,decayCoupling=independent"))
  }

  /// Stepping parameters one by one has no guard: the epoch's end notices the divergence, and so does a resumption.
  @Test func aRunWhoseLossIsNaNHasDiverged() throws {
    let scratch = try TemporaryFolder()
    var configuration = configuration("sgd:lr=1e30")
    configuration.updateInBackward = true
    let plan = try RunPlan(configuration)
    for _ in 0..<2 {
      let trainer = try Trainer(plan, in: RunFolder(scratch.path, configuration: plan.configuration, resume: true))
      let error = #expect(throws: RunError.self) { try trainer.run() }
      #expect(error?.description.contains("diverged in epoch 1, step 7") == true, "\(error?.description ?? "")")
      let row = try #require(trainer.rows.last)
      #expect(row.testLoss?.isNaN == true && row.testAccuracy?.isNaN == true && row.trainAccuracy?.isNaN == true)
    }
    #expect(try RunFolder.divergence(ofRunIn: scratch.path) != nil)
    let evaluation = try RunEvaluation(of: scratch.path, plan.configuration)
    #expect(evaluation.problem != nil && evaluation.text.contains("loss nan, accuracy nan %"))
    // A run of an earlier version, which counted classes from NaN and did not record the divergence.
    let metrics = "\(scratch.path)/metrics.csv"
    let text = try String(contentsOfFile: metrics, encoding: .utf8).split(separator: "\n")[0]
    try AtomicFile.write("\(text)\n1,7,1.0,0.5,0.5,2,0.25,0.1\n2,14,1.0,nan,0.095,nan,0.102,0.1\n", to: metrics)
    unlink("\(scratch.path)/diverged.txt")
    let report = RunsReport(of: try SavedRun.find(in: [scratch.path]))
    let row = report.table.rows[0]
    #expect(row.contains("nan %") && row.contains("25.00 %") && !row.contains("10.20 %"))
    #expect(row.last == "training diverged in epoch 2, step 14")
  }

  /// What is infinite in Float is refused before a run begins; it made states that no checkpoint holds.
  @Test(arguments: ["swats:lr=1e308", "storm:penalty=1e308", "adadelta:epsilon=1e39", "adamax:epsilon=1e39"])
  func optionsThatFloatCannotHoldAreRefused(_ optimizer: String) throws {
    let error = #expect(throws: RuleError.self) { try RunPlan(configuration(optimizer)) }
    #expect(error?.description.contains("larger than the parameters' type holds") == true)
  }

  @Test func theMeanOfNothingIsNoNumber() throws {
    let position = Position()
    #expect(position.loss == nil && position.accuracy == nil)
    let scratch = try TemporaryFolder()
    try AtomicFile.write("+1 1:1\n-1 2:1\n+1 1:2\n", to: scratch.path + "/train.txt")
    var configuration = configuration("adam")
    configuration.data = "libsvm:train=\(scratch.path)/train.txt"
    configuration.model = "logistic"
    configuration.batchSize = 2
    let plan = try RunPlan(configuration)
    let folder = scratch.path + "/run"
    let trainer = try Trainer(plan, in: RunFolder(folder, configuration: plan.configuration, resume: false))
    #expect(try trainer.run() == .finished && trainer.rows.last?.testLoss == nil)
    let nothing = try RunEvaluation(of: folder, plan.configuration)
    #expect(nothing.problem == .noExamples(plan.dataset.name, split: "test"))
    #expect(nothing.json().contains("\"loss\":null") && !nothing.text.contains("0.0000"))
    let something = try RunEvaluation(of: folder, plan.configuration, onTrainingSplit: true)
    #expect(something.problem == nil && something.examples == 3 && something.json().contains("\"loss\":0."))
  }

  @Test func aDivergingRunStopsWithAnErrorThatSaysSo() throws {
    let scratch = try TemporaryFolder()
    var configuration = configuration("sgd:lr=1e30")
    configuration.epochs = 5
    let plan = try RunPlan(configuration)
    let trainer = try Trainer(plan, in: RunFolder(scratch.path, configuration: plan.configuration, resume: false))
    let error = #expect(throws: RunError.self) { try trainer.run() }
    #expect(error?.description.contains("learning rate") == true)
  }
}
