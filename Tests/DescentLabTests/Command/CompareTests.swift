import Foundation
import TestSupport
import Testing

@testable import DescentLab

@Suite(.enabled(if: CommandLine.path != nil, "the command was not built")) struct CompareTests {
  private let small = [
    "--data", "digits:train=400,test=40", "--model", "mlp:hidden=8", "--batch", "20", "--epochs", "2", "--optimizer",
    "adam", "--optimizer", "sgd:lr=0.1,momentum=0.9",
  ]

  @Test func endsWithATableAndFigures() throws {
    let scratch = try TemporaryFolder()
    let result = try CommandLine.run(["compare", "--seeds", "2", "--out", "c"] + small, in: scratch.path)
    #expect(result.status == 0 && result.error.contains("lowest training loss: "))
    let lines = result.output.split(separator: "\n")
    #expect(lines.contains { $0.hasPrefix("adam ") && $0.contains("±") })
    #expect(lines.contains { $0.hasPrefix("sgd:lr=0.1,momentum=0.9 ") })
    let names = try FileManager.default.contentsOfDirectory(atPath: scratch.path + "/c")
    #expect(
      Set(["1-adam", "2-sgd-lr-0.1-momentum-0.9", "comparison.json", "epochs.csv", "table.md"]).isSubset(of: names))
    #expect(names.contains("loss.svg") && names.contains("error.svg") || !Gnuplot.isInstalled)
    let csv = try String(contentsOfFile: scratch.path + "/c/epochs.csv", encoding: .utf8)
    #expect(csv.split(separator: "\n").count == 1 + 2 * 2 * 2)
    #expect(csv.contains("\n\"sgd:lr=0.1,momentum=0.9\",2,2,40,"))
    #expect(csv.hasPrefix("contender,seed,epoch,step,seconds,") && csv.contains("\nadam,1,1,20,"))
    // The output has all that a paper's table needs, without another run.
    let again = try CommandLine.run(["compare", "--resume", "--out", "c", "--target-accuracy", "0"], in: scratch.path)
    #expect(again.status == 0 && again.output.contains("steps to 0 %"))
  }

  @Test func takesTheOptionsOfStepsAndWritesLinesOfJSON() throws {
    let scratch = try TemporaryFolder()
    let result = try CommandLine.run(
      ["compare", "--out", "c", "--json", "--quiet", "--average", "0.9", "--clip-norm", "1", "--diagnostics", "10"]
        + small, in: scratch.path)
    #expect(result.status == 0 && result.error.isEmpty)
    struct Line: Decodable {
      var optimizer: String
      var test_loss: [Double]
    }
    let lines = try result.output.split(separator: "\n").map {
      try JSONDecoder().decode(Line.self, from: Data($0.utf8))
    }
    #expect(lines.map(\.optimizer) == ["adam", "sgd:lr=0.1,momentum=0.9"])
    for (i, folder) in ["1-adam", "2-sgd-lr-0.1-momentum-0.9"].enumerated() {
      let run = try SavedRun("\(scratch.path)/c/\(folder)/seed-1", name: "run")
      #expect(run.configuration.average == "0.9" && run.configuration.clipNorm == 1)
      #expect(run.events.keys.contains { $0.hasPrefix("diagnostics/") })
      #expect(lines[i].test_loss == [try #require(run.rows.last?.testLoss)])
    }
  }

  @Test(
    arguments: [
      (["--optimizer", "adm"], "did you mean 'adam'?"),
      (["--optimizer", "adam", "--optimizer", "adam"], "'adam' occurs twice"),
      (["--seeds", "0"], "--seeds is '0', but must be from 1 to 1000"),
      (["--target-loss", "1", "--target-accuracy", "1"], "are two targets"),
      (["--target-loss", "nan"], "--target-loss"),
      (["--seed", "18446744073709551615", "--seeds", "2"], "--seed is"),
      (["--target-accuracy", "97"], "--target-accuracy is '97.0', but must be from 0 to 1"),
      (["--resume"], "--resume needs the folder of the comparison"),
      (["--model", "mlp:hidden=x"], "hidden"),
    ] as [([String], String)])
  func refusesWithTheRemedyBeforeItStarts(_ options: [String], _ message: String) throws {
    let scratch = try TemporaryFolder()
    let result = try CommandLine.run(["compare"] + options, in: scratch.path)
    #expect(result.status != 0 && result.output.isEmpty)
    #expect(result.error.contains(message), "\(result.error)")
    #expect(try scratch.names().isEmpty)
  }
}
