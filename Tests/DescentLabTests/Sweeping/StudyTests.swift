import Foundation
import Synchronization
import TestSupport
import Testing

@testable import DescentLab

@Suite struct StudyTests {
  private func configuration(trials: Int = 4) -> StudyConfiguration {
    var study = StudyConfiguration.standard
    study.data = "digits:train=100,test=50"
    study.model = "logistic"
    study.batch = "25"
    study.epochs = 4
    study.trials = trials
    study.halving = 2
    return study
  }

  private func create(_ study: StudyConfiguration, at path: String) throws -> StudyFile {
    try StudyFile(creating: StudyPlan(study), at: path)
  }

  @Test func everyTrialIsThatOfAnOrdinaryRun() throws {
    let scratch = try TemporaryFolder()
    var configuration = configuration()
    configuration.halving = nil
    configuration.epochs = 2
    let study = try create(configuration, at: scratch.path + "/new/a.sqlite")
    #expect(try StudyWorker(study).run())
    let report = try StudyReport(of: study)
    #expect(report.ranking.map(\.metric) == report.ranking.compactMap(\.metric).sorted(by: >))
    // As one types it in a shell, without the defaults.
    let best = try #require(report.ranking.first)
    #expect(
      report.summary.contains(
        ": trial \(best.number), --optimizer adam:lr=\(best.parameters["learningRate"] ?? ""), run in "))
    for trial in report.ranking {
      #expect(trial.state == .finished && trial.epochs == 2 && trial.configuration.threads == 1)
      let path = scratch.path + "/run\(trial.number)"
      let folder = try RunFolder(path, configuration: trial.configuration, resume: false)
      let trainer = try Trainer(RunPlan(trial.configuration), in: folder)
      #expect(try trainer.run() == .finished)
      #expect(trainer.rows.last?.testAccuracy == trial.metric)
      let checkpoint = try Data(contentsOf: URL(filePath: path + "/checkpoint.safetensors"))
      let own = URL(filePath: study.folder(of: trial.number) + "/checkpoint.safetensors")
      #expect(try Data(contentsOf: own) == checkpoint)
    }
  }

  /// Promotions are checked against the metrics of whole runs; a stopped trial's metrics are the beginning of these.
  @Test func halvingStopsWhatIsBehind() throws {
    let scratch = try TemporaryFolder()
    let halved = try create(configuration(trials: 6), at: scratch.path + "/halved.sqlite")
    #expect(try StudyWorker(halved).run())
    var whole = configuration(trials: 6)
    whole.halving = nil
    let full = try create(whole, at: scratch.path + "/full.sqlite")
    #expect(try StudyWorker(full).run())

    let epochs = try (1...6).map { try full.epochs(of: $0).map { $0.testAccuracy ?? .nan } }
    func best(_ count: Int, of trials: [Int], after epoch: Int) -> [Int] {
      Array(trials.sorted { (epochs[$0 - 1][epoch - 1], $1) > (epochs[$1 - 1][epoch - 1], $0) }.prefix(count))
    }
    let second = best(3, of: [1, 2, 3, 4, 5, 6], after: 1)
    let last = best(1, of: second, after: 2)
    for trial in try halved.trials() {
      let expected = last.contains(trial.number) ? 4 : second.contains(trial.number) ? 2 : 1
      #expect(trial.epochs == expected && trial.state == (expected == 4 ? .finished : .stopped))
      let accuracies = try halved.epochs(of: trial.number).map { $0.testAccuracy ?? .nan }
      #expect(accuracies == Array(epochs[trial.number - 1].prefix(expected)))
      #expect(trial.metric == accuracies.last)
    }
    let progress = try StudyProgress(halved.trials(), of: halved.configuration)
    #expect(progress.isComplete && progress.epochs == 6 + 3 + 2 && progress.totalEpochs == progress.epochs)
    #expect(progress.best?.number == last[0])
    let line = progress.line(width: 80, utf8: false, secondsLeft: 75)
    #expect(
      line.hasPrefix("trials 6/6  [####") && !line.contains(".]") && line.hasSuffix("(trial \(last[0]))  1:15 left"))
    #expect(progress.line(width: 13, utf8: false, secondsLeft: 75) == "trials 6/6")
  }

  @Test func recordingTwiceChangesNothing() throws {
    let scratch = try TemporaryFolder()
    let study = try create(configuration(trials: 2), at: scratch.path + "/a.sqlite")
    let trial = try study.trial(1)
    let row = EpochMetrics(epoch: 1, step: 4, seconds: 1, trainLoss: 0.5, testAccuracy: 0.25)
    try study.record(trial, [row], divergence: nil)
    try study.record(trial, [row, row], divergence: "other")
    #expect(try study.epochs(of: 1) == [row])
    #expect(try study.trial(1).state == .paused)
    #expect(try study.trial(1).metric == 0.25)
    // The other trial arrives: one of the two goes on.
    try study.record(try study.trial(2), [row], divergence: nil)
    #expect(try study.waitingTrials() == [1])
    #expect(try study.trial(1).target == 2 && study.trial(2).state == .stopped)
    // A result for the first rung is not a result for the second.
    try study.record(trial, [row], divergence: nil)
    #expect(try study.trial(1).state == .waiting)
  }

  @Test func aDivergedTrialRanksLastAndEndsNothing() throws {
    let scratch = try TemporaryFolder()
    var configuration = configuration()
    configuration.optimizers = ["sgd:lr=choice(0.1,1e38)"]
    configuration.search = .grid
    configuration.halving = nil
    let study = try create(configuration, at: scratch.path + "/a.sqlite")
    #expect(study.configuration.trials == 2)
    #expect(try StudyWorker(study).run())
    let report = try StudyReport(of: study)
    #expect(report.ranking.map(\.number) == [1, 2])
    let diverged = try #require(report.ranking.last)
    #expect(diverged.state == .diverged && diverged.metric == nil && diverged.note != nil)
    #expect(report.table(of: 9).text().contains("diverged"))
    #expect(try report.csv().split(separator: "\n").count == 3)
    #expect(report.json(diverged).contains("\"state\":\"diverged\""))
    // Nothing is left to do, and nothing is done again.
    let trace = try StudyTrace(study.path)
    #expect(try StudyWorker(study).run())
    #expect(try StudyTrace(study.path) == trace)
  }

  /// For β₁ = 1 − x the column holds x, and its name says so.
  @Test func aColumnHoldsWhatItsNameSays() throws {
    let scratch = try TemporaryFolder()
    var configuration = configuration()
    configuration.optimizers = [
      "adam:beta1=complement(log(1e-4,1e-1)),lr=0.01", "sgd:lr=exponential(0.1,factor=lin(0.5,1))",
    ]
    let report = try StudyReport(of: create(configuration, at: scratch.path + "/a.sqlite"))
    #expect(report.parameters == ["1-beta1", "learningRate.factor"])
    let trial = try #require(report.ranking.first { $0.number == 1 })
    let x = try #require(report.values(of: trial)["1-beta1"])
    #expect(trial.configuration.optimizer.contains("beta1=complement(\(x))"))
    #expect(report.table(of: 1).text().contains("1-beta1") && report.json(trial).contains("\"1-beta1\":\"\(x)\""))
    #expect(try report.csv().hasPrefix("trial,optimizer,1-beta1,learningRate.factor,state"))
  }

  /// The program's own message gives the remedy for a damaged metrics file.
  @Test(arguments: [1, 2, 4]) func aTrialWhoseMetricsWereLostIsTrainedAgain(_ target: Int) throws {
    let scratch = try TemporaryFolder()
    var configuration = configuration(trials: 2)
    configuration.halving = nil
    let whole = try create(configuration, at: scratch.path + "/whole.sqlite")
    #expect(try StudyWorker(whole).run())
    let study = try create(configuration, at: scratch.path + "/a.sqlite")
    // As if a worker was killed after its run had got this far.
    do {
      let trial = try study.trial(1)
      let folder = try RunFolder(study.folder(of: 1), configuration: trial.configuration, resume: false)
      let trainer = try Trainer(RunPlan(trial.configuration), in: folder)
      #expect(try trainer.run(through: target) == .finished)
      #expect(unlink(folder.metricsPath) == 0)
    }
    var looks = 0
    let worker = StudyWorker(study) {
      looks += 1
      return looks > 1000
    }
    #expect(try worker.run())
    #expect(try StudyTrace(study.path) == StudyTrace(whole.path))
    let steps = EventReader(folder: study.folder(of: 1)).scalars.filter { $0.tag == "epoch/test_loss" }.map(\.step)
    #expect(steps == [4, 8, 12, 16])
  }

  /// Without --batch the plan chooses, as for a single run; the study goes on with what it chose.
  @Test func thePlanChoosesTheBatch() throws {
    var configuration = configuration()
    configuration.batch = nil
    let small = try StudyPlan(configuration)
    #expect(small.configuration.batch == "100")
    #expect(small.trials.allSatisfy { $0.configuration.batchSize == 100 })
    #expect(try StudyPlan(small.configuration).trials == small.trials)
    configuration.data = "digits:train=200,test=50"
    #expect(try StudyPlan(configuration).configuration.batch == "128")
    configuration.data = "digits:train=100,test=50"
    configuration.batch = "128"
    #expect(throws: RunError.self) { try StudyPlan(configuration) }
  }

  @Test func anOtherConfigurationIsRefused() throws {
    let scratch = try TemporaryFolder()
    let path = scratch.path + "/a.sqlite"
    let study = try create(configuration(), at: path)
    let changes: [(String, (inout StudyConfiguration) -> Void)] = [
      ("--trials 4, not 3", { $0.trials = 3 }), ("--halving 2, not without", { $0.halving = nil }),
      ("--metric test_accuracy, not test_loss", { $0.metric = .testLoss }), ("--seed 1, not 2", { $0.seed = 2 }),
      ("no --clip-norm, not 1", { $0.clipNorm = "1" }), ("--optimizer adam", { $0.optimizers = ["sgd"] }),
    ]
    for (difference, change) in changes {
      var other = study.configuration
      change(&other)
      let error = #expect(throws: StudyError.self) { try study.check(other) }
      #expect(error?.description.contains(difference) == true, "\(error?.description ?? "")")
    }
    var other = configuration()
    other.trials = 3
    #expect(throws: StudyError.self) { try self.create(other, at: path) }
    #expect(try create(configuration(), at: path).trials() == study.trials())
    // The data may be in another folder; a grid has its own number of points.
    other = study.configuration
    other.dataFolder = "/elsewhere"
    try study.check(other)
  }

  @Test func aStudyGrows() throws {
    let scratch = try TemporaryFolder()
    var configuration = configuration(trials: 2)
    configuration.halving = nil
    configuration.epochs = 1
    let small = try create(configuration, at: scratch.path + "/a.sqlite")
    #expect(try StudyWorker(small).run())
    configuration.trials = 4
    #expect(small.configuration.canGrow(to: configuration) == false)  // no metric is not the study's
    configuration.metric = small.configuration.metric
    #expect(small.configuration.canGrow(to: configuration))
    let grown = try small.grown(to: StudyPlan(configuration))
    #expect(try grown.waitingTrials() == [3, 4])
    #expect(try StudyWorker(grown).run())
    let whole = try create(configuration, at: scratch.path + "/b.sqlite")
    #expect(try StudyWorker(whole).run())
    #expect(try StudyTrace(grown.path) == StudyTrace(whole.path))
    // It does not shrink, and it keeps the size to which another process let it grow.
    #expect(throws: StudyError.self) { try grown.grown(to: StudyPlan(small.configuration)) }
    #expect(try small.grown(to: StudyPlan(configuration)).trials() == grown.trials())
    configuration.halving = 2
    #expect(!configuration.canGrow(to: configuration))
  }

  @Test func otherFilesAreLeftAlone() throws {
    let scratch = try TemporaryFolder()
    let text = scratch.path + "/letter.txt"
    try Data("a letter, longer than the header of a database: \(String(repeating: "x", count: 200))".utf8).write(
      to: URL(filePath: text))
    #expect(throws: StudyError.notAStudy(text)) { try StudyFile.find(text) }
    #expect(throws: StudyError.notAStudy(scratch.path)) { try StudyFile.find(scratch.path) }
    let missing = scratch.path + "/missing.sqlite"
    #expect(try StudyFile.find(missing) == nil)
    #expect(try scratch.names() == ["letter.txt"])
    // If creating the file is killed, an empty file remains.
    try Data().write(to: URL(filePath: missing))
    #expect(try StudyFile.find(missing) == nil)
    let study = try create(configuration(), at: missing)
    #expect(try study.trials().count == 4)
    // A study does not take over the runs of another that was deleted.
    #expect(try StudyWorker(study).run())
    try FileManager.default.removeItem(atPath: missing)
    defer { #expect(!FileManager.default.fileExists(atPath: missing)) }
    #expect(throws: StudyError.strayRuns(missing + ".runs", study: missing)) {
      try self.create(self.configuration(), at: missing)
    }
  }

  /// Workers look into folders in which others are just beginning runs.
  @Test func aFolderCanBeLookedAtWhileItsRunBegins() throws {
    let scratch = try TemporaryFolder()
    var run = RunConfiguration.standard
    run.batchSize = 128
    for i in 0..<100 {
      let path = scratch.path + "/\(i)"
      let run = run
      let problems = Mutex<[String]>([])
      DispatchQueue.concurrentPerform(iterations: 2) { side in
        do {
          if side == 0 {
            _ = try RunFolder(path, configuration: run, resume: true)
          } else {
            while try problems.withLock(\.isEmpty) && RunFolder.inspect(path) == .nothing {}
          }
        } catch {
          problems.withLock { $0.append("\(error)") }
        }
      }
      #expect(problems.withLock(\.self) == [])
    }
  }

  @Test(.enabled(if: Gnuplot.isInstalled)) func drawsAPanelForEachOption() throws {
    let scratch = try TemporaryFolder()
    var configuration = configuration()
    configuration.optimizers = ["adam:lr=log(1e-3,1e-1),beta2=choice(0.9,0.99)", "sgd:lr=log(1e-2,1)"]
    let study = try create(configuration, at: scratch.path + "/a.sqlite")
    #expect(throws: FigureError.self) { try StudyFigure(StudyReport(of: study)).render(.svg) }
    #expect(try StudyWorker(study).run())
    let figure = StudyFigure(try StudyReport(of: study))
    let svg = String(decoding: try figure.render(.svg), as: UTF8.self)
    for word in ["learningRate", "beta2", "0.99", "test accuracy in %", "adam", "sgd"] { #expect(svg.contains(word)) }
    #expect(try figure.characters(columns: 80).contains("learningRate"))
  }
}
