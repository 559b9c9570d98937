import Foundation
import TestSupport
import Testing

@testable import DescentLab

@Suite struct SweepCommandTests {
  /// Six trials; three of them get two epochs, and one gets four.
  private let arguments =
    ["sweep", "--quiet", "--data", "digits:train=200,test=100", "--model", "mlp:hidden=int(4,16)", "--batch", "20"]
    + ["--epochs", "4", "--halving", "2", "--trials", "6", "--optimizer", "adam:lr=cosine(log(1e-4,1e-1))"]

  private func run(_ more: [String], in scratch: TemporaryFolder) throws -> CommandLine.Result {
    try CommandLine.run(arguments + more, in: scratch.path)
  }

  /// The study of an undisturbed command with one job.
  private func reference(in scratch: TemporaryFolder) throws -> StudyTrace {
    let whole = try run(["--study", "whole.sqlite", "--jobs", "1"], in: scratch)
    try #require(whole.status == 0, "\(whole.error)")
    let trace = try StudyTrace(scratch.path + "/whole.sqlite")
    #expect(trace.folders == (1...6).map { "000\($0)" })
    return trace
  }

  @Test("a study that is killed twenty times ends with the runs and metrics of one that is not")
  func aStudyKilledTwentyTimesEndsTheSame() throws {
    let scratch = try TemporaryFolder()
    let start = Date()
    let expected = try reference(in: scratch)
    let duration = Date().timeIntervalSince(start)
    var (kills, starts, studies) = (0, 0, 0)
    while kills < 20 {
      studies += 1
      let name = "killed\(studies).sqlite"
      while try kills < 20 && !isComplete(scratch.path + "/" + name) {
        // Kill either the command, whose workers then stop by themselves, or workers, which cannot write a checkpoint.
        let isCommand = starts % 2 == 0
        starts += 1
        let line = isCommand ? arguments + ["--study", name, "--jobs", "2"] : ["sweep", "work", name]
        let commands = try (0..<(isCommand ? 1 : 2)).map { _ in
          try CommandLine(line, in: scratch.path, input: Pipe())
        }
        Thread.sleep(forTimeInterval: .random(in: 0..<duration / 4))
        if commands.contains(where: \.process.isRunning) { kills += 1 }
        for command in commands { kill(command.process.processIdentifier, SIGKILL) }
        for command in commands { command.process.waitUntilExit() }
      }
      let last = try run(["--study", name, "--jobs", "2"], in: scratch)
      #expect(last.status == 0, "\(last.error)")
      #expect(try StudyTrace(scratch.path + "/" + name) == expected)
    }
  }

  private func isComplete(_ path: String) throws -> Bool {
    guard let study = try StudyFile.find(path) else { return false }
    return try StudyProgress(study.trials(), of: study.configuration).isComplete
  }

  @Test func twoCommandsShareAStudy() throws {
    let scratch = try TemporaryFolder()
    let expected = try reference(in: scratch)
    let study = ["--study", "shared.sqlite", "--jobs", "2"]
    let commands = try (0..<2).map { _ in try CommandLine(arguments + study, in: scratch.path) }
    for command in commands {
      let result = try command.wait()
      #expect(result.status == 0, "\(result.error)")
    }
    let trace = try StudyTrace(scratch.path + "/shared.sqlite")
    #expect(trace == expected)
    // A run writes an event file each time it begins or goes on: one for each rung that it reached.
    for record in trace.records {
      let folder = scratch.path + "/shared.sqlite.runs/" + StudyFile.folderName(record.trial.number)
      let events = RunFolder.names(in: folder).filter { $0.hasPrefix(EventWriter.prefix) }
      #expect(events.count == [1: 1, 2: 2, 4: 3][record.trial.epochs])
    }
  }

  @Test func anInterruptedStudyGoesOn() throws {
    let scratch = try TemporaryFolder()
    // Long enough that it cannot end before the signal.
    let arguments =
      ["sweep", "--data", "digits:train=200,test=100", "--batch", "20", "--epochs", "3000", "--trials", "2"]
      + ["--model", "mlp:hidden=8", "--study", "a.sqlite", "--jobs", "2"]
    for (signal, isKill) in [(SIGINT, false), (SIGTERM, false), (SIGKILL, true)] {
      let command = try CommandLine(signal == SIGINT ? arguments : ["sweep", "--study", "a.sqlite"], in: scratch.path)
      let before = try metrics(in: scratch)
      while try metrics(in: scratch).filter({ !before.contains($0) }).count < 2 {
        try #require(command.process.isRunning)
        Thread.sleep(forTimeInterval: 0.01)
      }
      kill(command.process.processIdentifier, signal)
      let result = try command.wait()
      #expect(isKill || (result.status == 130 && result.error.contains("descent sweep --study a.sqlite")))
      // The workers have ended, or end by themselves: a worker holds the lock of its trial's folder while it trains.
      for trial in ["0001", "0002"] {
        let lock = scratch.path + "/a.sqlite.runs/\(trial)/.lock"
        let end = Date().addingTimeInterval(20)
        while try FileLock.take(lock) == nil, Date() < end { Thread.sleep(forTimeInterval: 0.01) }
        #expect(Date() < end)
      }
    }
    #expect(try CommandLine.run(["evaluate", "a.sqlite.runs/0002"], in: scratch.path).status == 0)
  }

  /// The contents of the runs' metrics files.
  private func metrics(in scratch: TemporaryFolder) throws -> [String] {
    ["0001", "0002"].compactMap {
      try? String(contentsOfFile: scratch.path + "/a.sqlite.runs/\($0)/metrics.csv", encoding: .utf8)
    }.filter { $0.contains("\n1,") }
  }

  @Test func showsWhatAStudyHasComeTo() throws {
    let scratch = try TemporaryFolder()
    let run = try run(["--study", "a.sqlite", "--json", "--epochs", "2", "--trials", "12"], in: scratch)
    #expect(run.status == 0 && run.error == "", "\(run.error)")
    struct Line: Decodable {
      var trial: Int
      var state: String
      var metric: Double
      var parameters: [String: String]
    }
    let lines = try run.output.split(separator: "\n").map { try JSONDecoder().decode(Line.self, from: Data($0.utf8)) }
    #expect(lines.count == 12)
    let best = try #require(lines.first)
    #expect(best.state == "finished" && Set(best.parameters.keys) == ["learningRate", "model.hidden"])

    let show = try CommandLine.run(["sweep", "show", "a.sqlite", "--csv", "a.csv", "--count", "2"], in: scratch.path)
    #expect(show.status == 0, "\(show.error)")
    #expect(show.output.contains(best.parameters["learningRate"] ?? "?"))
    let shown = try CommandLine.run(["sweep", "show", "a.sqlite", "--json", "--count", "2"], in: scratch.path)
    #expect(shown.output.split(separator: "\n").elementsEqual(run.output.split(separator: "\n").prefix(2)))
    let csv = try String(contentsOfFile: scratch.path + "/a.csv", encoding: .utf8).split(separator: "\n")
    #expect(csv.count == 13)
    let cells = csv[best.trial].split(separator: ",")
    #expect(cells[0] == "\(best.trial)" && cells.contains("\(best.metric)"))
  }

  /// A grid has its own number of trials, also when it goes on.
  @Test func aGridGoesOnWithItsOwnTrials() throws {
    let scratch = try TemporaryFolder()
    let begin = [
      "sweep", "--study", "g.sqlite", "--search", "grid", "--data", "digits:train=60,test=20", "--epochs", "1",
    ]
    let grid = try CommandLine.run(
      begin + ["--optimizer", "adam:lr=log(1e-3,1e-2,2)", "--model", "logistic", "--batch", "20", "--quiet"],
      in: scratch.path)
    #expect(grid.status == 0, "\(grid.error)")
    let refused = try CommandLine.run(["sweep", "--study", "g.sqlite", "--trials", "5"], in: scratch.path)
    #expect(refused.status == 1 && refused.error.contains("a grid of 2 points"), "\(refused.error)")
    #expect(
      try CommandLine.run(["sweep", "--study", "g.sqlite", "--trials", "2", "--quiet"], in: scratch.path).status == 0)
  }

  @Test(
    arguments: [
      ("--optimizer adam", "nothing varies"), ("--optimizer adam:lr=log(1,0.1)", "learningRate"),
      ("--optimizer adam:beta2=lin(0.5,1.5,3)", "beta2"), ("--optimizer adma:lr=log(0.1,1)", "'adam'"),
      ("--search grid", "learningRate"), ("--model mlp:hidden=lin(4,5)", "hidden"), ("--batch lin(1,5)", "--batch"),
      ("--halving 1", "--halving"), ("--halving 9", "--halving"), ("--min-epochs 9", "--min-epochs"),
      ("--trials 0", "--trials"), ("--jobs 0", "--jobs"), ("--model vae --metric test_accuracy", "--metric"),
      ("--threads 0", "--threads"), ("--data digts", "digits"),
    ])
  func refusesBadOptionsBeforeWork(_ options: String, _ word: String) throws {
    let scratch = try TemporaryFolder()
    let data = options.contains("--data") ? [] : ["--data", "digits:train=200,test=100"]
    let arguments = ["sweep", "--study", "a.sqlite"] + data + options.split(separator: " ").map(String.init)
    let result = try CommandLine.run(arguments, in: scratch.path)
    #expect(result.status == 1 && result.error.contains(word), "\(result.error)")
    #expect(result.error.split(separator: "\n").count == 1)
    #expect(try scratch.names().isEmpty)
  }
}
