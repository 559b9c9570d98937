import Foundation
import TestSupport
import Testing

/// Absurdly large numbers are refused with a message that names the option and its bound.
@Suite(.enabled(if: CommandLine.path != nil, "the command was not built")) struct NumberTests {
  private static let largest = "9223372036854775807"

  @Test(
    arguments: [
      ("train --epochs \(largest)", 1, "--epochs is '\(largest)', but must be from 1 to 1000000000"),
      ("train --epochs 99999999999999999999", 64, "'--epochs <n>'; the number is too large"),
      (
        "train --epochs 1000000000 --batch 1 --data digits:train=60000", 1,
        "--epochs is '1000000000', but must be at most"
      ),
      ("train --epochs=-9223372036854775808", 1, "--epochs"),
      ("train --batch \(largest) --data digits:train=10,test=5", 1, "at most the 10 training examples"),
      ("train --batch=-\(largest)", 1, "--batch"), ("train --threads \(largest)", 1, "from 1 to 1024"),
      ("train --diagnostics=-\(largest)", 1, "--diagnostics"),
      ("train --average polyak:99999999999999999999", 1, "--average"),
      ("train --optimizer adam:lr=cosine(0.1,over=\(largest))", 1, "at most 281474976710656"),
      ("train --optimizer adam:lr=warmup(\(largest),0.1)", 1, "at most 281474976710656"),
      ("train --optimizer adam:lr=piecewise(0.1,\(largest):1)", 1, "281474976710656"),
      ("train --optimizer adam:lr=joined(\(largest):1,0.1)", 1, "281474976710656"),
      ("compare --epochs \(largest)", 1, "--epochs"), ("compare --seeds \(largest)", 1, "from 1 to 1000"),
      ("compare --seeds 2 --seed 18446744073709551615", 1, "--seed"),
      ("sweep --study s --epochs \(largest)", 1, "--epochs is '\(largest)', but must be from 1 to 1000000000"),
      ("sweep --study s --trials \(largest)", 1, "--trials"), ("sweep --study s --halving \(largest)", 1, "--halving"),
      ("sweep --study s --halving 2 --min-epochs \(largest)", 1, "--min-epochs"),
      ("sweep --study s --threads \(largest)", 1, "--threads"), ("sweep --study s --jobs \(largest)", 1, "--jobs"),
      ("sweep --study s --batch \(largest) --data digits:train=10,test=5", 1, "--batch"),
      ("minimize --steps \(largest)", 1, "--steps"), ("minimize --steps=-1", 1, "--steps"),
      ("minimize --steps 1000000000 --every 999", 1, "--every is '999', but must be at least 1000"),
      ("trace --steps \(largest)", 1, "--steps"), ("reproduce amsgrad-synthetic --threads \(largest)", 1, "--threads"),
      ("bench step --optimizer adam --parameters \(largest)", 1, "--parameters"),
      ("bench step --optimizer adam --parameters 16 --threads \(largest)", 1, "--threads"),
      ("bench floor --parameters \(largest)", 1, "--parameters"),
      ("bench train --model mlp --steps \(largest)", 1, "--steps"),
      ("bench train --model mlp --batch \(largest)", 1, "--batch"), ("bench alone --steps \(largest)", 1, "--steps"),
      ("bench alone --steps 0", 1, "--steps"), ("bench compare --rounds \(largest)", 64, "--rounds"),
      ("bench compare --threads \(largest)", 64, "--threads"), ("bench compare --seconds inf", 64, "--seconds"),
    ] as [(String, Int32, String)])
  func areRefused(_ line: String, _ status: Int32, _ part: String) throws {
    let scratch = try TemporaryFolder()
    let result = try CommandLine.run(line.split(separator: " ").map(String.init), in: scratch.path)
    #expect(result.status == status, "\(result.error)")
    #expect(result.error.hasPrefix("descent: ") && result.error.filter(\.isNewline).count == 1)
    #expect(result.error.contains(part), "\(result.error)")
    #expect(result.output == "")
    #expect(try scratch.names() == [])
  }

  /// The largest numbers allowed do no harm: the line of progress still counts what is left of the run.
  @Test func asManyEpochsAsAreAllowedBegin() throws {
    let scratch = try TemporaryFolder()
    let run = ["--epochs", "1000000000", "--data", "digits:train=20,test=10", "--model", "logistic", "--batch", "10"]
    for command in [["train", "--out", "a"], ["compare", "--seeds", "1000", "--out", "b"]] {
      let process = try CommandLine(command + run, in: scratch.path)
      let folder = scratch.path + (command[0] == "train" ? "/a" : "/b/1-adam/seed-1")
      while ((try? String(contentsOfFile: folder + "/metrics.csv", encoding: .utf8)) ?? "").split(separator: "\n").count
        < 2
      {
        try #require(process.process.isRunning)
        Thread.sleep(forTimeInterval: 0.01)
      }
      kill(process.process.processIdentifier, SIGINT)
      let result = try process.wait()
      #expect(result.status == 130, "\(result.error)")
    }
  }
}
