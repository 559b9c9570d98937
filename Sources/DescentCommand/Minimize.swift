import ArgumentParser
import Descent
import DescentLab
import Foundation

struct Minimize: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Minimize a function whose minimum is known.",
    discussion: """
      Prints the path as a table, draws it, and says how far its end is from the minimum. For two variables the \
      figure shows the path over the function's contours, else the function's value by step. It is written to \
      PROBLEM-OPTIMIZER.svg; with --out it goes into that folder, and so does the path itself (path.csv).

      EXAMPLES
        descent minimize --problem rosenbrock --optimizer adam:lr=0.01 --steps 2000
        descent minimize --problem himmelblau --start -1,-1 --optimizer sgd:lr=0.01
        descent minimize --problem quadratic:dimension=10,condition=1000 --optimizer momentum:lr=0.1
        descent minimize --problem beale --noise 0.5 --seed 3 --average 0.999 --out runs/beale
        descent minimize --problem reddi:period=3,c=3 --optimizer adam:beta1=0,beta2=0.1,lr=0.01 --steps 20000
        descent minimize --problem logisticregression:data=a9a,batch=32 --data-dir ~/libsvm --optimizer adagrad
        descent minimize --problem rosenbrock:dimension=10 --optimizer lbfgs
        descent minimize --problem logisticregression --optimizer svrg:lr=0.5
        descent minimize --problem rastrigin --json | jq .distance

      PROBLEMS, OPTIMIZERS
        A name, with options after a colon, as descent list problems and descent list optimizers show them.
      """)

  @Option(help: ArgumentHelp("Function to minimize.", valueName: "name"), completion: .list(Completions.problems))
  var problem: String?

  @Option(help: ArgumentHelp("Update rule.", valueName: "name"), completion: .list(Completions.minimizers))
  var optimizer: String?

  @Option(help: ArgumentHelp("Steps to make; 2000 by default.", valueName: "n"))
  var steps: Int?

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp("Where to start, numbers joined by commas; the problem's own start by default.", valueName: "x"))
  var start: String?

  @Option(help: ArgumentHelp("Standard deviation of noise on the gradient.", valueName: "sigma"))
  var noise: Double?

  @Option(help: ArgumentHelp("Number from which every random number derives.", valueName: "n"))
  var seed: UInt64?

  @Option(
    help: ArgumentHelp(
      "Show an average of the points: a decay such as 0.999, 'polyak' for the mean, or polyak:STEP.",
      valueName: "average"))
  var average: String?

  @Option(help: ArgumentHelp("Folder with the data set's files.", valueName: "folder"), completion: .directory)
  var dataDir: String?

  @Option(help: ArgumentHelp("Steps from one row of the table to the next.", valueName: "n"))
  var every: Int?

  @Option(help: ArgumentHelp("Folder for the path and its figure.", valueName: "folder"), completion: .directory)
  var out: String?

  @Flag(help: "Write a line of JSON for each row; draw a figure only with --out.")
  var json = false

  func run() throws {
    Interruption.install()
    let plan = try MinimizationPlan(request())
    // Before the work: a folder that cannot be made must stop the command now.
    if let out { try OutputFolder.create(out) }
    let minimization = try Minimization(plan) { Interruption.isRequested }
    let report = MinimizationReport(minimization)
    let output = Terminal.standardOutput
    output.write(json ? minimization.rows.map { $0.json() + "\n" }.joined() : report.table.text())
    if let out { try AtomicFile.write(report.csv, to: "\(out)/path.csv") }
    if !minimization.points.isEmpty { try draw(report) }
    if let failure = minimization.failure { throw failure }
    Terminal.standardError.write("\(report.summary)\n")
    if Interruption.isRequested { throw ExitCode(130) }
  }

  private func draw(_ report: MinimizationReport) throws {
    let path = out.map { "\($0)/path.svg" } ?? (json ? nil : report.fileName + ".svg")
    do {
      let figure = report.figure
      if !json {
        let columns = min(Terminal.standardOutput.width, 100)
        Terminal.standardOutput.write("\n" + (try figure.characters(columns: columns)) + "\n")
      }
      guard let path else { return }
      try AtomicFile.write(try figure.render(.svg), to: path)
      if !json { Terminal.standardError.write("figure: \(path)\n") }
    } catch let problem as FigureError {
      Terminal.standardError.write("no picture: \(problem)\n")
    }
  }

  private func request() throws -> MinimizationRequest {
    var request = MinimizationRequest()
    if let problem { request.problem = problem }
    if let optimizer { request.optimizer = optimizer }
    if let steps { request.steps = steps }
    if let noise { request.noise = noise }
    if let seed { request.seed = seed }
    request.start = try start.map { try numbers($0, of: "--start") }
    request.average = average
    request.dataFolder = dataDir
    request.every = every
    return request
  }
}
