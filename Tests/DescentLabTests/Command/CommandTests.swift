import Foundation
import TestSupport
import Testing

@testable import DescentLab

@Suite struct CommandTests {
  @Test(
    arguments: [
      ("train --optimizer adma", 1, "'adam'"),
      ("train --optimizer adam:bta2=0.9", 1, "'beta2'"),
      ("train --optimizer adam:beta2=1", 1, "beta2"),
      ("train --optimizer adam:lr=-1", 1, "learningRate"),
      ("train --optimizer adam:lr=cosine(0.1", 1, "parentheses"),
      ("train --optimizer adam:lr=cosin(0.1)", 1, "cosine"),
      ("train --model mpl", 1, "'mlp'"),
      ("train --model mlp:hiden=3", 1, "'hidden'"),
      ("train --model mlp:hidden=0", 1, "hidden"),
      ("train --data digts", 1, "digits"),
      ("train --data digits:trian=5", 1, "train"),
      ("train --data mnist --data-dir missing", 1, "missing"),
      ("train --epochs 0", 1, "--epochs"),
      ("train --batch 0", 1, "--batch"),
      ("train --data digits:train=10,test=5 --batch 11", 1, "--batch"),
      ("train --data digits:train=10,test=5 --batch 128", 1, "--batch"),
      ("sweep --study s --data digits:train=10,test=5 --batch 128", 1, "--batch"),
      ("train --threads 0", 1, "--threads"),
      ("train --optimizer adam:b1=0.8", 1, "did you mean 'beta1'?"),
      ("train --data digits:train=10,test=5 --model mlp:hidden=1000000000", 1, "3.2 TB of memory are needed"),
      ("train --data digits:train=10,test=5 --model logistic --optimizer adashift:keep=4294967296", 1, "keep"),
      ("train --data libsvm:train=full", 1, "is a folder"),
      ("train --optimizer muon:iterations=4611686018427387904", 1, "iterations"),
      ("minimize --optimizer gaussiansmoothing:directionCount=4611686018427387904", 1, "directionCount"),
      ("minimize --problem rosenbrock:dimension=1000000 --steps 1000000 --every 1", 1, "8.0 TB of memory are needed"),
      ("minimize --problem logisticregression:rows=1000000,dimension=100000", 1, "1.6 TB of memory are needed"),
      ("train --average 1", 1, "--average"),
      ("train --clip-norm 0", 1, "--clip-norm"),
      ("train --weight-decay -1", 64, "a negative number is written --weight-decay=-1; see descent train --help"),
      ("train --weight-decay=-1", 1, "--weight-decay"),
      ("train --weight-decay 2000", 1, "--weight-decay 2000.0 with 'adam': 2000.0 times 0.001"),
      ("train --optimizer madgrad --weight-decay 0.1", 1, "penalty"),
      ("train --optimizer madgrad:lookahead=5", 1, "lookahead"),
      ("minimize --optimizer ftrlmomentum:lookahead=5", 1, "lookahead"),
      ("train --optimizer vsgd:curvatureInterval=0", 1, "curvatureInterval"),
      ("train --optimizer schaul:curvatureForm=half", 1, "gaussNewton, full"),
      ("minimize --optimizer vsgd", 1, "vsgd needs the diagonal of the curvature, which problem 'rosenbrock'"),
      ("trace --optimizer vsgd", 1, "vsgd needs the diagonal of the curvature"),
      ("train --optimizer sgd:nesterov=true", 1, "a momentum above 0"),
      ("train --optimizer shampoo:nesterov=true", 1, "momentum above 0"),
      ("train --optimizer ftrlmomentum:initialAccumulator=0.5", 1, "adaptive=true"),
      ("train --model mlp:hidden=none,dropout=0.5", 1, "hidden other than none"),
      ("train --data digits:train=10,train=20", 1, "train"),
      ("train --optimizer adam:lr=cosine(0.1,to=0,to=0.01)", 1, "'to' is given twice"),
      ("minimize --problem quadratic:rotated=false,seed=3", 1, "rotated=true"),
      ("sweep --study s --min-epochs 2 --epochs 4", 1, "--halving"),
      ("train --epochs many", 64, "--epochs"),
      ("train --resume", 64, "--out"),
      ("train --nonsense", 64, "--nonsense"),
      ("train --out file", 1, "'file' is a file"),
      ("train --out file/run", 1, "file"),
      ("train --out full", 1, "'full' holds files"),
      ("evaluate missing", 1, "'missing'"),
      ("fetch nothing", 1, "'nothing'"),
      ("bench step --optimizer adam --parameters 0", 1, "--parameters"),
      ("bench step --optimizer adam:clip=0", 1, "clip"),
      ("bench step --optimizer muon:clip=1 --parameters 16", 1, "clip"),
      ("bench step --optimizer adam --clip-norm 0", 1, "--clip-norm"),
      ("bench floor --slots 65", 1, "--slots"),
      ("bench train --model vae --sparse", 1, "--sparse"),
      ("bench compare --rounds 0", 64, "--rounds"),
      ("bench compare --part nothing", 64, "nothing"),
      ("bench compare --only nothing", 64, "--only"),
      ("bench compare --output file/page.md", 1, "file"),
      ("list nonsense", 64, "nonsense"),
      ("sweep shw", 64, "did you mean 'show'?; see descent sweep --help"),
      ("trian", 64, "did you mean 'train'?; see descent --help"),
      ("train --optimizer adam:lrr=1", 1, "did you mean 'lr'?"),
      ("trace --start 1e300,1", 1, "--start"),
      ("sweep --study s --search grid --trials 2 --optimizer adam:lr=log(0.1,1,3)", 1, "a grid of 3 points"),
      ("sweep --study s --optimizer adam:beta2=lin(0.5,1.5) --trials 1", 1, "beta2"),
      ("sweep --study s --optimizer adam:lr=uniform(0.1,1)", 1, "log, lin, int, choice"),
      ("list optimizers adma", 1, "'adam'"),
    ] as [(String, Int32, String)])
  func refusesBadInputInOneLineAndWritesNothing(_ line: String, _ status: Int32, _ part: String) throws {
    let scratch = try TemporaryFolder()
    try Data().write(to: URL(filePath: scratch.path + "/file"))
    try FileManager.default.createDirectory(atPath: scratch.path + "/full", withIntermediateDirectories: false)
    try Data().write(to: URL(filePath: scratch.path + "/full/letter.txt"))
    let result = try CommandLine.run(line.split(separator: " ").map(String.init), in: scratch.path)
    #expect(result.status == status, "\(result.error)")
    #expect(result.error.hasPrefix("descent: "))
    #expect(result.error.contains(part), "\(result.error)")
    #expect(result.error.filter(\.isNewline).count == 1)
    #expect(result.output == "")
    #expect(try scratch.names() == ["file", "full"])
    #expect(try FileManager.default.contentsOfDirectory(atPath: scratch.path + "/full") == ["letter.txt"])
  }

  @Test func trainsReportsAndEvaluates() throws {
    let scratch = try TemporaryFolder()
    let run = try CommandLine.run(["train", "--epochs", "2", "--out", "a"] + CommandLine.small, in: scratch.path)
    #expect(run.status == 0, "\(run.error)")
    #expect(run.output.contains("test accuracy"))
    #expect(run.error.contains("epoch 2/2"))
    let rows = try MetricsFile(scratch.path + "/a/metrics.csv", upTo: .max).rows
    #expect(rows.map(\.epoch) == [1, 2])
    #expect(rows.map(\.step) == [20, 40])
    let accuracy = try #require(rows[1].testAccuracy)
    #expect(accuracy > 0.3 && rows[1].trainLoss < rows[0].trainLoss)

    let parent = try CommandLine.run(["evaluate", "."], in: scratch.path)
    #expect(parent.status == 1 && parent.error.contains("'.' holds no run: give the folder that a run was written to"))
    let evaluation = try CommandLine.run(["evaluate", "a", "--json"], in: scratch.path)
    let result = try JSONDecoder().decode(RunEvaluation.self, from: Data(evaluation.output.utf8))
    #expect(result.accuracy == rows[1].testAccuracy && result.loss == rows[1].testLoss)
    #expect(result.examples == 100 && result.step == 40 && result.epoch == 2)
  }

  /// Methods that divide by the diagonal of the curvature take it from the model, block by block too.
  @Test(arguments: [
    "--optimizer vsgd:lr=0.02,mu=0.02,curvatureInterval=7", "--optimizer beckerlecun:lr=0.02 --update-in-backward",
    "--optimizer schaul:lr=0.02,mu=0.02,curvatureForm=full --average 0.9", "--optimizer naturalnewton:lr=0.02",
  ])
  func trainsByTheDiagonalOfTheCurvature(_ options: String) throws {
    let scratch = try TemporaryFolder()
    let run = try CommandLine.run(
      ["train", "--epochs", "2", "--out", "a"] + options.split(separator: " ").map(String.init) + CommandLine.small,
      in: scratch.path)
    #expect(run.status == 0, "\(run.error)")
    let rows = try MetricsFile(scratch.path + "/a/metrics.csv", upTo: .max).rows
    #expect(rows[1].trainLoss < rows[0].trainLoss && rows[1].trainLoss < 2)
  }

  @Test func writesALineOfJSONForEachEpoch() throws {
    let scratch = try TemporaryFolder()
    let run = try CommandLine.run(
      ["train", "--epochs", "2", "--out", "a", "--json", "--quiet"] + CommandLine.small, in: scratch.path)
    #expect(run.error == "")
    let rows = try run.output.split(separator: "\n").map {
      try JSONDecoder().decode(EpochMetrics.self, from: Data($0.utf8))
    }
    #expect(rows == (try MetricsFile(scratch.path + "/a/metrics.csv", upTo: .max).rows))
  }

  /// The checkpoint is larger than the shell's limit on file size.
  @Test func aFullDiskIsAnErrorThatLeavesNoHalfFile() throws {
    let scratch = try TemporaryFolder()
    let path = try #require(CommandLine.path)
    let arguments = ["train", "--epochs", "1", "--out", "a", "--quiet"] + CommandLine.small
    let process = Process()
    process.executableURL = URL(filePath: "/bin/sh")
    process.arguments = ["-c", "ulimit -f 64; exec \"$0\" \"$@\"", path] + arguments
    process.currentDirectoryURL = URL(filePath: scratch.path)
    let error = Pipe()
    process.standardError = error
    try process.run()
    let message = String(decoding: try error.fileHandleForReading.readToEnd() ?? Data(), as: UTF8.self)
    process.waitUntilExit()
    #expect(process.terminationStatus == 1)
    #expect(message.contains("a/checkpoint.safetensors") && message.contains("limit"), "\(message)")
    let names = try FileManager.default.contentsOfDirectory(atPath: scratch.path + "/a")
    #expect(names.allSatisfy { !$0.contains("safetensors") })
    // Without the limit, the run goes on.
    #expect(try CommandLine.run(arguments + ["--resume"], in: scratch.path).status == 0)
  }

  /// A run with the shell's `redirection`.
  private func shell(_ script: String, _ arguments: [String], in scratch: TemporaryFolder) throws -> (
    status: Int32, error: String
  ) {
    let process = Process()
    process.executableURL = URL(filePath: "/bin/sh")
    process.arguments = ["-c", script, try #require(CommandLine.path)] + arguments
    process.currentDirectoryURL = URL(filePath: scratch.path)
    let error = Pipe()
    process.standardError = error
    process.standardOutput = FileHandle.nullDevice
    try process.run()
    let message = String(decoding: try error.fileHandleForReading.readToEnd() ?? Data(), as: UTF8.self)
    process.waitUntilExit()
    return (process.terminationStatus, message)
  }

  #if os(Linux)
    /// A file of 24 bytes asks for two hundred million parameters.
    @Test func aLimitOfTheShellIsSaid() throws {
      let scratch = try TemporaryFolder()
      try "1 100000000:1\n2 1:1\n".write(toFile: scratch.path + "/t", atomically: false, encoding: .utf8)
      let result = try shell(
        "ulimit -v 2000000; exec \"$0\" train --data libsvm:train=t --model logistic --out a", [], in: scratch)
      #expect(result.status == 1 && result.error.contains("ulimit -v"), "\(result.error)")
      #expect(result.error.contains("4.8 GB of memory are needed"), "\(result.error)")
      #expect(try scratch.names() == ["t"])
    }

    /// Two names that differ in unreadable bytes alone would look the same.
    @Test func namesThatAreNotUTF8AreSaid() throws {
      let scratch = try TemporaryFolder()
      let refused = try shell("exec \"$0\" train --out \"$(printf '\\377')\"", [], in: scratch)
      #expect(refused.status == 64 && refused.error.contains("argument 3") && refused.error.contains("not UTF-8"))
      let report = try shell(
        """
        "$0" train --quiet --epochs 1 --model logistic --data digits:train=20,test=5 --out runs/a >/dev/null
        mkdir "runs/$(printf '\\377')"
        exec "$0" report runs --output runs.html
        """, [], in: scratch)
      #expect(report.status == 0 && report.error.contains("a name that is not UTF-8"), "\(report.error)")
    }
  #endif

  /// A run's files would get the numbers of closed streams, and the streams' output would go into the files.
  @Test(arguments: ["<&-", ">&-", "<&- >&-", "<&- >&- 2>&-"])
  func whatIsWrittenToAClosedStreamGoesNowhere(_ redirection: String) throws {
    let scratch = try TemporaryFolder()
    let arguments = ["train", "--epochs", "2", "--json"] + CommandLine.small
    let result = try shell("exec \"$0\" \"$@\" \(redirection)", arguments + ["--out", "closed"], in: scratch)
    #expect(result.status == 0, "\(result.error)")
    let open = try CommandLine.run(arguments + ["--out", "open"], in: scratch.path)
    #expect(open.status == 0)
    for name in try FileManager.default.contentsOfDirectory(atPath: scratch.path + "/closed") {
      let data = try Data(contentsOf: URL(filePath: scratch.path + "/closed/" + name))
      if name == ".lock" { #expect(data.isEmpty) }
      if name.hasPrefix(EventWriter.prefix) { #expect(data.range(of: Data("train_loss\":".utf8)) == nil) }
    }
    let checkpoint = "/checkpoint.safetensors"
    #expect(
      FileManager.default.contentsEqual(
        atPath: scratch.path + "/closed" + checkpoint, andPath: scratch.path + "/open" + checkpoint))
    #expect(
      EventReader(folder: scratch.path + "/closed").scalars == EventReader(folder: scratch.path + "/open").scalars)
  }

  @Test func tooFewFilesAreAnErrorInWords() throws {
    let scratch = try TemporaryFolder()
    let result = try shell(
      "ulimit -n 32; exec \"$0\" \"$@\"",
      ["sweep", "--study", "a.sqlite", "--jobs", "8", "--epochs", "1"] + CommandLine.small,
      in: scratch)
    #expect(result.status == 1)
    #expect(result.error.contains("only 32 files may be open") && result.error.contains("ulimit -n"), "\(result.error)")
  }

  /// Neither the terminal nor gnuplot takes a folder's name as a command, and printed commands can be pasted.
  @Test(arguments: ["a\u{0600}'; system(\"touch pwned\") #", "b\u{1B}[31m\nc", "d\u{0301}'$(touch pwned)`touch pwned`"])
  func hostileNamesOfFoldersAreShown(_ name: String) throws {
    let scratch = try TemporaryFolder()
    let train = try CommandLine(
      ["train", "--epochs", "2000", "--out", name] + CommandLine.small, in: scratch.path)
    let metrics = "\(scratch.path)/\(name)/metrics.csv"
    while ((try? String(contentsOfFile: metrics, encoding: .utf8)) ?? "").split(separator: "\n").count < 3 {
      try #require(train.process.isRunning)
      Thread.sleep(forTimeInterval: 0.01)
    }
    kill(train.process.processIdentifier, SIGINT)
    var results = [try train.wait()]
    let line = try #require(results[0].error.split(separator: "\n").last { $0.contains("go on with: ") })
    let pasted = line[try #require(line.range(of: "go on with: descent ")).upperBound...]
    // Parsed and refused: the pasted command names the folder and runs nothing else.
    let shell = try shell("bash -c \"$1 --seed 2\"", ["'\(try #require(CommandLine.path))' \(pasted)"], in: scratch)
    #expect(shell.status == 1 && shell.error.contains("--seed 1, not 2"), "\(shell.error)")
    for command in [["plot", name, "--output", "p.svg"], ["report", name, "--output", "r.html"], ["evaluate", name]] {
      results.append(try CommandLine.run(command, in: scratch.path))
      #expect(results.last?.status == 0, "\(results.last?.error ?? "")")
    }
    for result in results {
      for text in [result.output, result.error] {
        #expect(!text.unicodeScalars.contains { $0.isObeyed && $0 != "\n" })
      }
    }
    #expect(try Set(scratch.names()).subtracting(["p.svg", "r.html"]).count == 1)
  }

  @Test func comparesWithTheFloorWhereThereIsNoPyTorch() throws {
    let scratch = try TemporaryFolder()
    let line =
      "bench compare --quick --rounds 1 --seconds 0.001 --part training --part memory --only 784-10,"
    let run = try CommandLine(
      line.split(separator: " ").map(String.init) + ["--output", "page.md"], in: scratch.path,
      environment: ["DESCENT_PYTHON": "/missing"]
    ).wait()
    #expect(run.status == 0 && run.error.contains("DESCENT_PYTHON"), "\(run.error)")
    #expect(run.output.contains("784-10"))
    let page = try String(contentsOfFile: scratch.path + "/page.md", encoding: .utf8)
    #expect(page.contains("Nothing of PyTorch's was timed") && page.contains("## Memory and first result"))
    #expect(page.contains("logistic regression 784-10"))
  }

  @Test func timesTheFloor() throws {
    let scratch = try TemporaryFolder()
    let run = try CommandLine.run(
      ["bench", "floor", "--slots", "1", "--parameters", "1000", "--json"], in: scratch.path)
    let result = try JSONDecoder().decode(FloorBenchmark.self, from: Data(run.output.utf8))
    #expect(result.slots == 1 && result.parameters == 1000 && result.nanosecondsPerParameter > 0)
  }

  @Test(arguments: ["optimizers", "models", "data", "problems"])
  func listsForPeopleAndPrograms(_ kind: String) throws {
    let scratch = try TemporaryFolder()
    let json = try CommandLine.run(["list", kind, "--json"], in: scratch.path)
    let items = try JSONDecoder().decode([Listing.Item].self, from: Data(json.output.utf8))
    let text = try CommandLine.run(["list", kind], in: scratch.path).output
    #expect(items.count > 1)
    for item in items {
      #expect(text.contains(item.name))
      let one = try CommandLine.run(["list", kind, item.name], in: scratch.path).output
      #expect(item.options.allSatisfy { one.contains($0.name) })
      #expect(!one.contains("nan"))
    }
  }

  @Test(arguments: [
    [], ["train"], ["compare"], ["reproduce"], ["sweep"], ["sweep", "show"], ["evaluate"], ["minimize"], ["trace"],
    ["report"], ["plot"], ["replay"],
    ["fetch"], ["list"],
  ])
  func helpShowsExamples(_ command: [String]) throws {
    let scratch = try TemporaryFolder()
    let help = try CommandLine.run(command + ["--help"], in: scratch.path)
    #expect(help.status == 0)
    #expect(help.output.contains("EXAMPLES\n  descent "))
  }

  @Test(arguments: ["bash", "zsh", "fish"])
  func writesCompletionScripts(_ shell: String) throws {
    let scratch = try TemporaryFolder()
    let script = try CommandLine.run(["--generate-completion-script", shell], in: scratch.path)
    #expect(script.status == 0)
    #expect(script.output.contains("rmsprop") && script.output.contains("evaluate"))
  }
}
