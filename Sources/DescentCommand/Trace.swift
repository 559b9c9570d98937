import ArgumentParser
import Descent
import DescentLab
import Foundation

struct Trace: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Watch optimizers on a function of two variables.",
    discussion: """
      All methods start at the same point and see the same noise. Their paths over the function's contours are written \
      as a figure, trace.svg, and as a page that plays them in a browser, trace.html, which needs no network; a table \
      says where they ended.

      EXAMPLES
        descent trace --problem beale --optimizer adam:lr=0.05 --optimizer momentum:lr=0.01
        descent trace --problem rosenbrock --optimizer adam:lr=0.01 --optimizer lbfgs --steps 2000
        descent trace --problem himmelblau --start 0,0 --optimizer sgd:lr=0.01 --optimizer adagrad:lr=0.5
        descent trace --problem beale --optimizer adam --optimizer adadelta --noise 0.5 --seed 3 --out traces/noisy

      PROBLEMS, OPTIMIZERS
        A name, with options after a colon, as descent list problems and descent list optimizers show them.
      """)

  @Option(
    help: ArgumentHelp("Function to minimize, of two variables.", valueName: "name"),
    completion: .list(Completions.problems))
  var problem = "rosenbrock"

  @Option(
    help: ArgumentHelp(
      "Update rule; give it once for each path. adam:lr=0.02, momentum:lr=0.001 and adadelta by default.",
      valueName: "name"),
    completion: .list(Completions.minimizers))
  var optimizer: [String] = []

  @Option(help: ArgumentHelp("Steps to make.", valueName: "n"))
  var steps = 500

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp("Where to start, numbers joined by commas; the problem's own start by default.", valueName: "x"))
  var start: String?

  @Option(help: ArgumentHelp("Standard deviation of noise on the gradient.", valueName: "sigma"))
  var noise = 0.0

  @Option(help: ArgumentHelp("Number from which every random number derives.", valueName: "n"))
  var seed: UInt64 = 1

  @Option(
    help: ArgumentHelp("Folder for the figure and the page; a new one in traces/ by default.", valueName: "folder"),
    completion: .directory)
  var out: String?

  func run() throws {
    Interruption.install()
    var request = TraceRequest()
    request.optimizers = optimizer.isEmpty ? ["adam:lr=0.02", "momentum:lr=0.001", "adadelta"] : optimizer
    request.minimization.problem = problem
    request.minimization.steps = steps
    request.minimization.noise = noise
    request.minimization.seed = seed
    request.minimization.start = try start.map { try numbers($0, of: "--start") }
    var trace = try DescentLab.Trace(request)
    let folder = out ?? OutputFolder.unused("traces/\(trace.problemName)")
    // Before the work: a folder that cannot be made must stop the command now.
    try OutputFolder.create(folder)
    try trace.run { Interruption.isRequested }
    let report = TraceReport(trace)
    Terminal.standardOutput.write(report.table.text(width: Terminal.standardOutput.width))
    for note in report.notes { Terminal.standardError.write("\(note)\n") }
    try AtomicFile.write(try report.page(), to: "\(folder)/trace.html")
    Terminal.standardError.write("page: \(folder)/trace.html\n")
    do {
      try AtomicFile.write(try report.figure.render(.svg), to: "\(folder)/trace.svg")
      Terminal.standardError.write("figure: \(folder)/trace.svg\n")
    } catch let problem as FigureError {
      Terminal.standardError.write("no picture: \(problem)\n")
    }
    if Interruption.isRequested { throw ExitCode(130) }
  }
}

/// The numbers in an option's value, which commas separate.
func numbers(_ text: String, of option: String) throws -> [Double] {
  try text.split(separator: ",", omittingEmptySubsequences: false).map { part in
    guard let number = Double(part.filter { $0 != " " }) else {
      throw RunError.invalidOption(option, value: text, allowed: "numbers joined by commas, such as -1.2,1")
    }
    return number
  }
}
