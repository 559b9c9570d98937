import Descent
import Foundation
import TestSupport
import Testing

@testable import DescentLab

@Suite struct ComparisonTests {
  private func contenders(_ optimizers: [String], epochs: Int = 2) -> [Contender] {
    optimizers.map { optimizer in
      Contender(
        optimizer,
        RunConfiguration(
          data: "digits:train=200,test=20", model: "mlp:hidden=8", optimizer: optimizer, epochs: epochs, batchSize: 20,
          seed: 99, threads: 1))
    }
  }

  /// With rate 0, θ stays at its start: both have the losses of the same θ on the same batches.
  @Test func contendersSeeTheSame() throws {
    let scratch = try TemporaryFolder()
    let plan = try ComparisonPlan(contenders(["sgd:lr=0", "adam:lr=0"]), seeds: [1, 2])
    let comparison = try Comparison(plan, in: scratch.path + "/c", resume: false)
    #expect(try comparison.run() == .finished)
    let results = try comparison.results()
    #expect(results[0].runs.map { $0.losses.map(\.loss) } == results[1].runs.map { $0.losses.map(\.loss) })
    #expect(results[0].runs[0].losses.map(\.loss) != results[0].runs[1].losses.map(\.loss))
    #expect(results[0].runs[0].losses.map(\.step) == [10, 20])
  }

  @Test func anUnfinishedComparisonNamesNoWinner() throws {
    let scratch = try TemporaryFolder()
    let plan = try ComparisonPlan(contenders(["adam", "sgd"]), seeds: [1])
    let comparison = try Comparison(plan, in: scratch.path + "/c", resume: false)
    var step = 0
    comparison.observer.step = { step = $0.totalStep }
    #expect(try comparison.run { step == 35 } == .interrupted)
    let report = ComparisonReport(try comparison.results())
    #expect(report.summary.hasPrefix("not finished") && report.table.rows[1][0] == "sgd (1 of 2 epochs)")
    #expect(report.json.contains("\"epochs\":[1]") && report.json.contains("\"epochs\":[2]"))
    #expect(try comparison.run() == .finished)
    #expect(ComparisonReport(try comparison.results()).summary.hasPrefix("lowest training loss: "))
  }

  @Test func aComparisonGoesOnWithMoreSeedsAndNotWithFewer() throws {
    let scratch = try TemporaryFolder()
    let path = scratch.path + "/c"
    _ = try Comparison(ComparisonPlan(contenders(["adam"]), seeds: [3, 4]), in: path, resume: false)
    for seeds in [[3], [4, 5], [7]] as [[UInt64]] {
      #expect(throws: RunFolderError.self) {
        try Comparison(ComparisonPlan(contenders(["adam"]), seeds: seeds), in: path, resume: true)
      }
    }
    #expect(try ComparisonRecord.inspect(path)?.seeds == [3, 4])
    _ = try Comparison(ComparisonPlan(contenders(["adam"]), seeds: [3, 4, 5]), in: path, resume: true)
    #expect(throws: RunFolderError.self) { try RunFolder.inspect(path) }
  }

  @Test(arguments: [
    ("\"seeds\" : \\[[^\\]]*\\]", "\"seeds\" : []", "no seeds"),
    ("\"epochs\" : [0-9]+", "\"epochs\" : 9223372036854775807", "--epochs"),
    ("\"batchSize\" : [0-9]+", "\"batchSize\" : 0", "--batch"), ("\"version\" : 1", "\"version\" : 2", "version 2"),
    ("\"threads\" : 1", "\"threads\" : 1e300", "not JSON"), ("\"contenders\"", "\"others\"", "'contenders' is missing"),
  ])
  func aDamagedOrNewerRecordIsRefusedAndLeftAsItIs(_ pattern: String, _ replacement: String, _ reason: String) throws {
    let scratch = try TemporaryFolder()
    let plan = try ComparisonPlan(contenders(["adam"]), seeds: [1])
    _ = try Comparison(plan, in: scratch.path + "/c", resume: false)
    let path = scratch.path + "/c/comparison.json"
    let text = try String(contentsOfFile: path, encoding: .utf8)
    let changed = text.replacing(try Regex(pattern), with: replacement)
    #expect(changed != text)
    try AtomicFile.write(changed, to: path)
    let error = #expect(throws: RunFolderError.self) { try Comparison(plan, in: scratch.path + "/c", resume: true) }
    #expect(error?.description.contains(reason) == true, "\(error?.description ?? "")")
    #expect(try String(contentsOfFile: path, encoding: .utf8) == changed)
  }

  @Test func whatWasMovedIsNotWrittenTo() throws {
    let scratch = try TemporaryFolder()
    let plan = try ComparisonPlan(contenders(["adam", "sgd"]), seeds: [1])
    let path = scratch.path + "/c"
    let comparison = try Comparison(plan, in: path, resume: false)
    #expect(throws: RunFolderError.inUse(path)) { try Comparison(plan, in: path, resume: true) }
    try FileManager.default.moveItem(atPath: path, toPath: scratch.path + "/d")
    let other = try Comparison(plan, in: path, resume: false)
    #expect(throws: RunFolderError.moved(path)) { try comparison.run() }
    #expect(throws: RunFolderError.moved(path)) { try comparison.results() }
    #expect(try FileManager.default.contentsOfDirectory(atPath: path).sorted() == [".lock", "comparison.json"])
    try other.checkPlace()
  }

  @Test func tooManyRunsAreRefused() throws {
    #expect(throws: RunError.self) { try ComparisonPlan(contenders(["adam"]), seeds: Array(1...100_001)) }
  }

  @Test func whatDivergedIsKnownAndNotDoneAgain() throws {
    let scratch = try TemporaryFolder()
    let path = scratch.path + "/c"
    let plan = try ComparisonPlan(contenders(["sgd:lr=1e38", "adam"]), seeds: [1])
    var notes: [String] = []
    for _ in 0..<2 {
      let comparison = try Comparison(plan, in: path, resume: true)
      comparison.observer.note = { notes.append($0) }
      #expect(try comparison.run() == .finished)
      let results = try comparison.results()
      #expect(results[0].runs[0].failure?.contains("epoch") == true && results[1].runs[0].failure == nil)
      #expect(ComparisonReport(results).table.text().contains("(diverged in 1 of 1 run)"))
    }
    #expect(notes.count { $0.contains("training diverged") } == 1)
    let report = RunsReport(of: try SavedRun.find(in: [path]))
    let states = report.table.rows.map { $0.last }
    #expect(states == ["training diverged in epoch 1, step 10", "–"])
    // A repetition reports it again.
    let folder = try RunFolder(
      path + "/1-sgd-lr-1e38/seed-1", configuration: plan.run(of: 0, seed: 0).configuration, resume: true)
    let trainer = try Trainer(plan.run(of: 0, seed: 0), in: folder)
    #expect(try RunFolder.divergence(ofRunIn: folder.path) == nil)
    #expect(throws: RunError.self) { try trainer.run() }
    #expect(try RunFolder.divergence(ofRunIn: folder.path) != nil)
  }

  /// Each run of a comparison equals the run that `Trainer` makes alone, whenever the comparison was stopped.
  @Test func stoppedComparisonEndsWithTheSameBits() throws {
    let scratch = try TemporaryFolder()
    let plan = try ComparisonPlan(contenders(["adam", "momentum"]), seeds: [1, 2])
    for stop in [3, 14, 25, 26, 55] {
      let comparison = try Comparison(plan, in: scratch.path + "/c", resume: true)
      var step = 0
      comparison.observer.step = {
        step = $0.totalStep
        #expect($0.series?.count == 4 && $0.totalStep + ($0.series?.stepsAfter ?? 0) <= 80)
      }
      #expect(try comparison.run { step == stop } == .interrupted)
    }
    #expect(try Comparison(plan, in: scratch.path + "/c", resume: true).run() == .finished)
    for (folder, optimizer) in [("1-adam", "adam"), ("2-momentum", "momentum")] {
      for seed in [1, 2] as [UInt64] {
        var configuration = plan.contenders[0].configuration
        configuration.optimizer = optimizer
        configuration.seed = seed
        let alone = try RunPlan(configuration)
        let path = "\(scratch.path)/\(optimizer)-\(seed)"
        #expect(
          try Trainer(alone, in: RunFolder(path, configuration: alone.configuration, resume: false)).run() == .finished)
        let name = "checkpoint.safetensors"
        let expected = try weights("\(path)/\(name)")
        #expect(try weights("\(scratch.path)/c/\(folder)/seed-\(seed)/\(name)") == expected)
      }
    }
    // With another seed, a finished comparison trains only the new runs.
    let more = try Comparison(
      ComparisonPlan(contenders(["adam", "momentum"]), seeds: [1, 2, 3]), in: scratch.path + "/c", resume: true)
    var steps: [Int] = []
    more.observer.step = { steps.append($0.totalStep) }
    #expect(try more.run() == .finished)
    #expect(steps == Array(81...120))
  }

  private func weights(_ path: String) throws -> [Float] {
    try Checkpointed.parameters(at: path)
  }

  @Test func otherComparisonIsRefused() throws {
    let scratch = try TemporaryFolder()
    let path = scratch.path + "/c"
    _ = try Comparison(ComparisonPlan(contenders(["adam", "sgd"]), seeds: [1]), in: path, resume: false)
    let same = try ComparisonPlan(contenders(["adam", "sgd"]), seeds: [1])
    #expect(throws: RunFolderError.holdsRun(path)) { try Comparison(same, in: path, resume: false) }
    #expect(throws: RunFolderError.otherConfiguration(path, difference: "adam and sgd, not adam and momentum")) {
      try Comparison(ComparisonPlan(contenders(["adam", "momentum"]), seeds: [1]), in: path, resume: true)
    }
    #expect(throws: RunFolderError.otherConfiguration(path, difference: "--epochs 2, not 3")) {
      try Comparison(ComparisonPlan(contenders(["adam", "sgd"], epochs: 3), seeds: [1]), in: path, resume: true)
    }
    #expect(throws: RunError.self) { try ComparisonPlan(contenders(["adam", "adam"]), seeds: [1]) }
    try Data("x".utf8).write(to: URL(filePath: scratch.path + "/other"))
    #expect(throws: RunFolderError.holdsOtherFiles(scratch.path)) {
      try Comparison(same, in: scratch.path, resume: false)
    }
  }

  @Test func spreadIsOfTheSample() throws {
    let spread = try #require(Spread([1, 2, 3, 6]))
    #expect(spread.mean == 3 && spread.low == 1 && spread.high == 6)
    #expect(abs(spread.deviation - (14.0 / 3).squareRoot()) < 1e-15)
    #expect(spread.text(digits: 2) == "3.00 ± 2.16")
    #expect(Spread([0.5])?.text(digits: 1, scale: 100) == "50.0")
    #expect(Spread([]) == nil && Spread([1, nil]) == nil)
    #expect(Spread([1, .nan])?.high.isNaN == true)
  }

  @Test func stepsToTargetAreOfTheMean() throws {
    let scratch = try TemporaryFolder()
    let events = try EventWriter(folder: scratch.path)
    for step in 1...40 { try events.write([(Trainer.lossTag, 1 / Double(step))], step: 10 * step) }
    let record = try RunRecord(of: scratch.path, seed: 1)
    // The ten values 1/11 … 1/20 have the mean 0.0669; the values 1/10 … 1/19 have 0.0719.
    #expect(record.steps(toLoss: 0.07) == 200)
    // Before there are ten, the mean is over all so far: 1, 1/2, …, 1/5 have the mean 0.457; without 1/5 it is 0.521.
    #expect(record.steps(toLoss: 0.5) == 50)
    #expect(record.steps(toLoss: 10) == 10)
    #expect(record.steps(toLoss: 0.01) == nil)
  }
}

/// The contents of a run's checkpoint.
private enum Checkpointed {
  static func parameters(at path: String) throws -> [Float] {
    let checkpoint = try Checkpoint<Float>(contentsOf: path)
    return checkpoint.parameters.withUnsafeElements { Array($0) }
  }
}
