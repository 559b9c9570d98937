import ArgumentParser
import DescentLab

struct Explain: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Show what an optimizer does in a step: its equations as the code has them, and what they cost.",
    discussion: """
      The rule is run on numbers that record what is done to them. Formulas of the coefficients are found from their \
      values and checked; where none is found, the value at a step is shown.

      EXAMPLES
        descent explain adam
        descent explain adam:lr=0.001,weightDecay=0.01
        descent explain adam:epsilon=1e-6 --weight-decay 0.01 --average 0.999
        descent explain momentum:lookahead=5 --step 10
        descent explain lion --bandwidth 4000     # the floor on another machine
      """)

  @Argument(
    help: ArgumentHelp("Update rule, with options.", valueName: "optimizer"), completion: .list(Completions.optimizers))
  var optimizer: String

  @Option(help: ArgumentHelp("Type of the parameters: float or double.", valueName: "type"))
  var precision = Precision.float

  @Option(help: ArgumentHelp("Step whose coefficients are shown.", valueName: "t"))
  var step = 1

  @Option(help: ArgumentHelp("Keep an average of the parameters.", valueName: "average"))
  var average: String?

  @Option(help: ArgumentHelp("Decay the parameters.", valueName: "decay"))
  var weightDecay: Double?

  @Option(
    help: ArgumentHelp(
      "Speed of the memory, in GB/s, for the floor; measured here by default.", valueName: "gigabytes"))
  var bandwidth: Double?

  @Option(help: ArgumentHelp("Size of the vector for the measurement.", valueName: "n"))
  var parameters = 1 << 25

  @Option(help: ArgumentHelp("Threads that share a step in the measurement.", valueName: "n"))
  var threads = 1

  func run() throws {
    let explanation = try Explanation(
      optimizer, precision: precision, average: average, weightDecay: weightDecay, step: step)
    if let bandwidth, !(bandwidth > 0 && bandwidth.isFinite) {
      throw ValidationError("--bandwidth \(bandwidth) is not in (0, ∞): give the memory's speed in GB/s, such as 20")
    }
    let speed = try bandwidth ?? explanation.measuredBandwidth(parameters: parameters, threads: threads)
    let source = bandwidth == nil ? "measured here, \(counted(threads, "thread"))" : "--bandwidth"
    Terminal.standardOutput.write(explanation.text(bandwidth: speed, source: source))
  }
}
