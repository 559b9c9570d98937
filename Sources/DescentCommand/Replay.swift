import ArgumentParser
import DescentLab
import Foundation

struct Replay: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Step parameters with gradients from a file, and compare with another implementation.",
    discussion: """
      Steps from θ₀ to θ₁ … θ_T with the gradients g₁ … g_T from a file. To check another framework's optimizer, or a \
      port of one, give it the same gradients, and give the parameters that it computes to --against.

      EXAMPLES
        descent replay --optimizer adam:lr=0.001 --initial x0.npy --gradients g.npy --output x.npy
        descent replay --optimizer adam --initial x0.npy --gradients g.npy --against mine.npy --ulps 2
        descent replay --optimizer lamb --initial m.safetensors --gradients g.safetensors --output x.safetensors
        descent replay --optimizer muon --initial m.safetensors --gradients g.safetensors --axes outputsFirst --against t.safetensors

      FILES
        .npy, or .safetensors if the parameters have names; float32 or float64.
          --initial    [d…]         θ₀: one tensor, or one for each parameter
          --gradients  [T, d…]      gradient t at row t − 1; the same names
          --output     [T + 1, d…]  θ after t steps at row t; row 0 is θ₀
          --against    [T + 1, d…]  compared row by row
        The output is written when all steps are done, even if --against differs.

      AXES
      Methods that see a parameter as a matrix, such as muon and adafactor, must know which extents count a layer's \
      inputs and which its outputs; so must --optimizer NAME:centralize=true and adaptiveClip. --axes states this for \
      all parameters, or for those with a certain name:
          outputsLast               [inputs, outputs], [height, width, inputs, outputs]: this program's; the default
          outputsFirst              [outputs, inputs], [outputs, inputs, height, width]: torch's
          'up*=input,output,window,window'   one word for each extent, here of torch's transposed convolutions
      If several match a parameter, the last one counts. A vector has outputs alone.

      UNITS
      Values are compared in units in the last place (ULPs): how many steps, each to the next floating-point number, \
      lead from one value to the other. 0 means equal (as +0 and −0 are), 1 means neighbours. A unit shrinks with the \
      value, so it is very small near zero: --tolerance allows an absolute difference there. Two NaNs are the same; a \
      NaN and a number are as far apart as can be. float32 and float64 are compared as float32. The status is 1 if a \
      value differs by more than --ulps and more than --tolerance.
      """)

  @Option(help: ArgumentHelp("Update rule.", valueName: "name"), completion: .list(Completions.optimizers))
  var optimizer: String

  @Option(help: ArgumentHelp("Parameters before the first step.", valueName: "file"), completion: .file())
  var initial: String

  @Option(help: ArgumentHelp("Gradients of all steps.", valueName: "file"), completion: .file())
  var gradients: String

  @Option(help: ArgumentHelp("File for the parameters after each step.", valueName: "file"), completion: .file())
  var output: String?

  @Option(help: ArgumentHelp("Parameters after each step, to compare with.", valueName: "file"), completion: .file())
  var against: String?

  @Option(
    help: ArgumentHelp(
      "Which extents are inputs and which outputs: outputsLast, outputsFirst, or NAMES=ROLES (repeatable).",
      valueName: "axes"))
  var axes: [String] = []

  @Option(help: ArgumentHelp("Largest difference to accept, in units in the last place; 0 by default.", valueName: "n"))
  var ulps: UInt64?

  @Option(
    help: ArgumentHelp("Absolute difference to accept, whatever its units; 0 by default.", valueName: "x"))
  var tolerance: Double?

  @Option(help: "Precision to compute in; the type of --initial by default.")
  var precision: Precision?

  @Option(
    help: ArgumentHelp(
      "Write and compare an average of the parameters: a decay such as 0.999, 'polyak' for the mean, or polyak:STEP.",
      valueName: "average"))
  var average: String?

  @Flag(help: "Write and compare the point that the method evaluates at, if that is not θ.")
  var evaluated = false

  @OptionGroup var around: ClippingAndDecay

  @Flag(help: "Show nothing but errors and differences.")
  var quiet = false

  @Flag(help: "Write the comparison as a line of JSON.")
  var json = false

  func run() throws {
    Interruption.install()
    var configuration = ReplayConfiguration(optimizer: optimizer, initial: initial, gradients: gradients)
    configuration.output = output
    configuration.against = against
    configuration.axes = try axes.map { text throws(ReplayError) in try AxesDeclaration(parsing: text) }
    configuration.precision = precision
    configuration.average = average
    configuration.isEvaluated = evaluated
    configuration.weightDecay = around.weightDecay
    configuration.clipNorm = around.clipNorm
    if against == nil {
      let given = [("--ulps", ulps != nil), ("--tolerance", tolerance != nil), ("--json", json)]
      if let (option, _) = given.first(where: \.1) {
        throw RunError.conflict("\(option) has no effect without --against: give that too, or leave it out")
      }
    }
    configuration.ulps = ulps ?? 0
    configuration.tolerance = tolerance ?? 0
    let replay = try DescentLab.Replay(configuration)
    if !quiet { for note in replay.notes { Terminal.standardError.write("descent: \(note)\n") } }
    let comparison: TrajectoryComparison?
    do { comparison = try replay.run { Interruption.isRequested } } catch ReplayError.interrupted {
      Terminal.standardError.write("descent: \(ReplayError.interrupted)\n")
      throw ExitCode(130)
    }
    if let output, !quiet {
      Terminal.standardError.write(
        "\(replay.stepCount.grouped) steps of \(replay.parameterCount.grouped) parameters in \(output)\n")
    }
    guard let against, let comparison else { return }
    if json {
      Terminal.standardOutput.write(comparison.json() + "\n")
    } else if !quiet || !comparison.isAgreement {
      Terminal.standardOutput.write(comparison.text(against: against))
    }
    if !comparison.isAgreement { throw ExitCode(1) }
  }
}

extension Precision: ExpressibleByArgument {}
