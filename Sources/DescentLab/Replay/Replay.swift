import Descent
import DescentCatalogue
import Foundation

/// Steps parameters with gradients from a file, to see what a method does with them step by step.
///
/// Use it to check another implementation of the method against this one, or this one against another.
public struct Replay {
  /// Number of gradients: T.
  public let stepCount: Int
  /// Number of values in θ.
  public let parameterCount: Int
  /// The type in which the replay computes.
  public let precision: Precision
  /// Notes for the user: conversions between types, and which axes are assumed if none are given.
  public let notes: [String]

  private let configuration: ReplayConfiguration
  private let method: ConfiguredMethod
  private let methodName: String
  private let layout: ParameterLayout
  private let initial: TrajectoryInput
  private let gradients: TrajectoryInput
  private let expected: TrajectoryInput?

  /// Opens the files and checks that they fit together. No value is read, and nothing is written.
  ///
  /// - Throws: An error that names the file or option at fault and the remedy.
  public init(_ configuration: ReplayConfiguration) throws {
    guard configuration.output != nil || configuration.against != nil else { throw ReplayError.noPurpose }
    self.configuration = configuration
    let spec = try OptimizerSpec(parsing: configuration.optimizer)
    methodName = spec.spec.name
    try Self.checkNumbers(configuration)

    let file = try openTensors(configuration.initial)
    initial = TrajectoryInput(initial: file)
    let layout = try configuration.axes.layout(of: file.tensors, in: configuration.initial)
    self.layout = layout
    gradients = try TrajectoryInput(configuration.gradients, layout, initial: configuration.initial, rows: nil)
    let steps = gradients.rows
    stepCount = steps
    expected = try configuration.against.map {
      try TrajectoryInput($0, layout, initial: configuration.initial, rows: steps + 1)
    }
    parameterCount = layout.parameterCount

    method = try spec.configured(
      average: configuration.average, weightDecay: configuration.weightDecay, steps: max(1, steps))

    let precision = configuration.precision ?? initial.precision
    self.precision = precision
    var notes: [String] = []
    for input in [initial, gradients] where input.precisions != [precision] {
      notes.append("\(input.path) is \(input.typeName): computing in \(precision.numPyName)")
    }
    if let expected, expected.precisions != [precision] {
      notes.append(
        "\(expected.path) is \(expected.typeName), θ is \(precision.numPyName): "
          + "compared as \(Self.coarser(precision, expected.precision).numPyName)")
    }
    if spec.dependsOnAxes, configuration.axes.isEmpty, layout.blocks.contains(where: { $0.shape.count >= 2 }) {
      notes.append(
        "outputs are taken to be the last extent of a parameter; where they are the first, as torch has them, give "
          + "--axes outputsFirst")
    }
    self.notes = notes
  }

  /// Makes all steps, writes the output and compares.
  ///
  /// - Parameter isInterrupted: Called after each step; the replay stops if it returns true.
  /// - Returns: How the trajectory differs from the one to compare with, if there is one.
  /// - Throws: An error that names the file or step at fault. An existing output file then stays as it was.
  public func run(isInterrupted: () -> Bool = { false }) throws -> TrajectoryComparison? {
    switch precision {
    case .float: try run(Float.self, isInterrupted) { try method.optimizer(for: $0) }
    case .double: try run(Double.self, isInterrupted) { try method.optimizer(for: $0) }
    }
  }

  private func run<Scalar: LaneScalar>(
    _: Scalar.Type, _ isInterrupted: () -> Bool,
    _ makeOptimizer: (ParameterVector<Scalar>) throws -> AnyOptimizer<Scalar>
  ) throws -> TrajectoryComparison? {
    var θ = ParameterVector<Scalar>(zeros: layout)
    var gradient = θ
    try initial.read(row: 0, into: &θ)
    var optimizer = try makeOptimizer(θ)
    if let norm = configuration.clipNorm { optimizer.transforms.append(ClipByGlobalNorm(norm)) }
    let isEvaluated = configuration.isEvaluated || configuration.average != nil
    if isEvaluated, optimizer.average == nil { throw ReplayError.noAverage(method: methodName) }

    var comparison = expected.map {
      TrajectoryComparison(
        precision: Self.coarser(precision, $0.precision), allowedULPs: configuration.ulps,
        allowedDifference: configuration.tolerance)
    }
    var output = try configuration.output.map {
      try TrajectoryWriter<Scalar>(replacing: $0, layout: layout, rows: stepCount + 1)
    }
    for t in 0...stepCount {
      if t > 0 {
        try gradients.read(row: t - 1, into: &gradient)
        do { try optimizer.step(&θ, gradient: gradient) } catch { throw ReplayError.step(t, "\(error)") }
      }
      let point = isEvaluated ? optimizer.average ?? θ : θ
      try output?.write(point, row: t)
      try expected?.compare(point, row: t, into: &comparison!)
      if isInterrupted() { throw ReplayError.interrupted }
    }
    try output?.commit()
    return comparison
  }

  /// The type in which values of two types are compared: the coarser one.
  private static func coarser(_ a: Precision, _ b: Precision) -> Precision {
    a == .double && b == .double ? .double : .float
  }

  private static func checkNumbers(_ configuration: ReplayConfiguration) throws(RunError) {
    if let norm = configuration.clipNorm, !(norm > 0 && norm.isFinite) {
      throw .invalidOption("--clip-norm", value: "\(norm)", allowed: "positive")
    }
    if let decay = configuration.weightDecay, !(decay >= 0 && decay.isFinite) {
      throw .invalidOption("--weight-decay", value: "\(decay)", allowed: "0 or positive")
    }
    if !(configuration.tolerance >= 0) {
      throw .invalidOption("--tolerance", value: "\(configuration.tolerance)", allowed: "at least 0")
    }
    guard let output = configuration.output else { return }
    for input in [configuration.initial, configuration.gradients, configuration.against].compactMap(\.self)
    where URL(filePath: input).resolvingSymlinksInPath() == URL(filePath: output).resolvingSymlinksInPath() {
      throw .conflict("--output '\(output)' would replace what is read: give another name")
    }
  }
}
