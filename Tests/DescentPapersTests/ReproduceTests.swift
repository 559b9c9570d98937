import Foundation
import TestSupport
import Testing

@testable import DescentLab
@testable import DescentPapers

@Suite(.enabled(if: CommandLine.path != nil, "the command was not built")) struct ReproduceTests {
  @Test func listsAndReproducesAndIndexes() throws {
    let scratch = try TemporaryFolder()
    let list = try CommandLine.run(["reproduce", "list"], in: scratch.path)
    #expect(list.status == 0)
    for one in Reproduction.all { #expect(list.output.contains(one.name + " ")) }
    let result = try CommandLine.run(["reproduce", "diffgrad-functions", "--quick"], in: scratch.path)
    #expect(result.status == 0 && result.output.contains("✓ F₁: Adam runs over the global minimum"))
    #expect(result.error.contains("written: results/diffgrad-functions-quick/README.md"))
    #expect(try CommandLine.run(["reproduce", "index", "results"], in: scratch.path).status == 0)
    let index = try String(contentsOfFile: scratch.path + "/results/README.md", encoding: .utf8)
    #expect(index.contains("[diffgrad-functions (quick)](diffgrad-functions-quick/README.md)"))
  }

  @Test(
    arguments: [
      (["difgrad-functions"], "did you mean 'diffgrad-functions'?"), (["index"], "'index' needs the folder"),
      (["adadelta-tables", "--threads", "0"], "--threads is '0', but must be from 1 to 1024"),
      (["adadelta-tables", "--data-dir", "nowhere"], "nowhere"),
      (["list", "more"], "'more' is one argument too many"),
      (["finite-sums", "--long"], "finite-sums has no long form"),
      (["adam-cifar10", "--long", "--quick"], "are two scales"),
    ] as [([String], String)])
  func refusesWithTheRemedy(_ options: [String], _ message: String) throws {
    let scratch = try TemporaryFolder()
    let result = try CommandLine.run(["reproduce"] + options, in: scratch.path)
    #expect(result.status != 0 && result.error.contains(message), "\(result.error)")
    #expect(result.error.split(separator: "\n").last?.hasPrefix("descent: ") == true)
    #expect(try scratch.names().isEmpty)
  }
}
