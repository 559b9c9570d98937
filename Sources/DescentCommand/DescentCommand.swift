import ArgumentParser
import Descent
import DescentLab
import DescentNetworks
import Foundation

/// The command `descent`.
@main struct DescentCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "descent",
    abstract: "Trains networks with the optimizers of the papers.",
    discussion: """
      EXAMPLES
        descent train                       # a perceptron, digits drawn here, Adam
        descent fetch mnist
        descent train --data mnist --epochs 3 --out runs/a
        descent train --resume --out runs/a # go on after Ctrl-C or anything else
        descent evaluate runs/a
        descent compare --optimizer adam --optimizer adadelta --seeds 3
        descent reproduce list
        descent sweep --optimizer 'adam:lr=log(1e-4,1e-1)' --study lr.sqlite
        descent minimize --problem rosenbrock --optimizer adam:lr=0.01
        descent trace --problem beale --optimizer adam:lr=0.05 --optimizer momentum:lr=0.01
        descent report runs/a runs/b
        descent plot runs/a runs/b --metric test_accuracy
        descent list optimizers
        descent explain adam
        descent replay --optimizer adam --initial x0.npy --gradients g.npy --output x.npy

      SHELL COMPLETION
        descent --generate-completion-script bash
        Put the output into a file and source it in your shell's start-up file. zsh and fish work too.
      """,
    version: descentVersion,
    subcommands: [
      Train.self, Compare.self, Sweep.self, Reproduce.self, Evaluate.self, Report.self, Plot.self, Minimize.self,
      Trace.self, Replay.self, Fetch.self, List.self, Explain.self, Bench.self,
    ])

  /// Refuses arguments that are not UTF-8: two that differ in unreadable bytes alone would name the same file.
  private static func checkArguments() throws {
    for i in 1..<max(1, Int(CommandLine.argc)) {
      guard let argument = CommandLine.unsafeArgv[i], String(validatingCString: argument) == nil else { continue }
      throw ValidationError(
        "argument \(i), '\(String(cString: argument))', is not UTF-8: rename the file or folder that it names")
    }
  }

  /// Runs the command; an error is one line on standard error that says what is wrong and what to do.
  static func main() {
    StandardStreams.openClosed()
    Engine.letIdleThreadsSleep()
    // A pipe that nobody reads, or a file at its size limit, is an error to report, not the program's end.
    signal(SIGPIPE, SIG_IGN)
    signal(SIGXFSZ, SIG_IGN)
    do {
      try checkArguments()
      var command = try parseAsRoot()
      try command.run()
      if Terminal.outputFailure != 0 {
        throw FileError(.write, path: "standard output", code: Terminal.outputFailure)
      }
    } catch {
      let status = exitCode(for: error)
      // Help, version and completion scripts arrive as errors too.
      if status.isSuccess || error is ExitCode { exit(withError: error) }
      var message = message(for: error)
      if status == .validationFailure {
        // The usage follows.
        message = message.split(separator: "\n").first.map(String.init) ?? "unknown error"
        message += UsageHint(message, fullMessage(for: error)).text
      }
      Terminal.standardError.writeLine("descent: \(message)")
      Foundation.exit(status.rawValue)
    }
  }
}
