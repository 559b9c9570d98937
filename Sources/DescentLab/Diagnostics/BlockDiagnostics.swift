import Descent

/// Measurements of what a step did to one parameter, or to all of them.
struct BlockDiagnostics: Hashable {
  /// The parameter's name; empty for all parameters.
  var name: String
  /// Σ g² of the batch's gradient, before clipping and other transforms.
  var squaredGradient: Double
  /// Σ θ² before the step.
  var squaredParameters: Double
  /// Σ Δθ².
  var squaredUpdate: Double
  var elementCount: Int
  /// The number of elements for which ε dominates √v̂; nil if that is not known.
  var dominatedCount: Int?
  /// nil for a batch of one example.
  var noise: GradientNoise?

  /// All finite values with their metrics, as they are written to the event file.
  var values: [(metric: DiagnosticMetric, value: Double)] {
    let all: [(DiagnosticMetric, Double?)] = [
      (.gradientNorm, squaredGradient.squareRoot()),
      (.updateNorm, squaredUpdate.squareRoot()),
      (.relativeUpdate, (squaredUpdate / squaredParameters).squareRoot()),
      (.effectiveStep, (squaredUpdate / squaredGradient).squareRoot()),
      (.epsilonShare, dominatedCount.map { Double($0) / Double(elementCount) }),
      (.gradientSignal, noise?.signal), (.gradientNoise, noise?.trace),
      (.signalToNoise, noise?.signalToNoise), (.noiseScale, noise?.scale),
    ]
    return all.compactMap { metric, value in value.flatMap { $0.isFinite ? (metric, $0) : nil } }
  }

  /// The measurements of all `blocks` together, as of one parameter.
  static func total(_ blocks: [BlockDiagnostics]) -> BlockDiagnostics {
    func sum(_ value: (BlockDiagnostics) -> Double) -> Double { blocks.reduce(0) { $0 + value($1) } }
    let counts = blocks.compactMap(\.dominatedCount)
    let noises = blocks.compactMap(\.noise)
    return BlockDiagnostics(
      name: "", squaredGradient: sum(\.squaredGradient), squaredParameters: sum(\.squaredParameters),
      squaredUpdate: sum(\.squaredUpdate), elementCount: blocks.reduce(0) { $0 + $1.elementCount },
      dominatedCount: counts.isEmpty ? nil : counts.reduce(0, +),
      noise: noises.first.map { first in
        GradientNoise(
          signal: noises.reduce(0) { $0 + $1.signal }, trace: noises.reduce(0) { $0 + $1.trace },
          batchSize: first.batchSize)
      })
  }
}

/// A number that is measured for each parameter at a step.
enum DiagnosticMetric: String, CaseIterable {
  case gradientNorm = "gradient_norm"
  case updateNorm = "update_norm"
  case relativeUpdate = "relative_update"
  case effectiveStep = "effective_step"
  case epsilonShare = "epsilon_share"
  case gradientSignal = "gradient_signal"
  case gradientNoise = "gradient_noise"
  case signalToNoise = "signal_to_noise"
  case noiseScale = "noise_scale"

  static let prefix = "diagnostics/"

  /// The tag in the event file. The tag of all parameters as one has no name at its end.
  func tag(of block: String) -> String { Self.prefix + rawValue + (block.isEmpty ? "" : "/" + block) }

  /// The metric and the parameter of a tag; nil if it is not a tag of diagnostics.
  static func parse(_ tag: String) -> (metric: DiagnosticMetric, block: String)? {
    guard tag.hasPrefix(prefix) else { return nil }
    let parts = tag.dropFirst(prefix.count).split(separator: "/", maxSplits: 1)
    guard let first = parts.first, let metric = DiagnosticMetric(rawValue: String(first)) else { return nil }
    return (metric, parts.count == 2 ? String(parts[1]) : "")
  }

  /// The title of the metric's chart.
  var title: String {
    switch self {
    case .gradientNorm: "Gradient norm ‖g‖"
    case .updateNorm: "Update norm ‖Δθ‖"
    case .relativeUpdate: "Relative update ‖Δθ‖ / ‖θ‖"
    case .effectiveStep: "Effective step RMS[Δθ] / RMS[g]"
    case .epsilonShare: "Share of elements with √v̂ < ε"
    case .gradientSignal: "Squared norm of the true gradient ‖G‖²"
    case .gradientNoise: "Variance of an example's gradient tr Σ"
    case .signalToNoise: "Signal to noise of the batch's gradient"
    case .noiseScale: "Noise scale tr Σ / ‖G‖², in examples"
    }
  }
}
