import TestSupport
import Testing

@testable import Descent

#if arch(x86_64)
  typealias Widest = Float80
#else
  typealias Widest = Double
#endif

/// An objective with the two gradients that it is given, wherever θ is.
struct TwoGradients<Scalar: LaneScalar>: SampledGradientObjective {
  let gradient, sampled: ParameterVector<Scalar>

  func value(at θ: ParameterVector<Scalar>, gradient: inout ParameterVector<Scalar>) -> Double {
    gradient = self.gradient
    return 1
  }

  func value(
    at θ: ParameterVector<Scalar>, gradient: inout ParameterVector<Scalar>,
    sampledGradient: inout ParameterVector<Scalar>
  ) -> Double {
    (gradient, sampledGradient) = (self.gradient, sampled)
    return 1
  }
}

/// A parameter as the equations see it: `dims` are places of the window, inputs and outputs, and `index` says where the
/// element of such a triple is stored.
struct SeenParameter: Sendable {
  let name: String
  let shape: [Int]
  let axes: ParameterAxes
  let dims: [Int]
  let index: @Sendable (_ place: Int, _ input: Int, _ output: Int) -> Int
  var isMatrix = true

  static func vector(_ name: String, _ n: Int) -> Self {
    Self(name: name, shape: [n], axes: .outputsLast, dims: [1, 1, n], index: { $2 }, isMatrix: false)
  }

  static func dense(_ name: String, _ inputs: Int, _ outputs: Int) -> Self {
    Self(name: name, shape: [inputs, outputs], axes: .outputsLast, dims: [1, inputs, outputs]) { $1 * outputs + $2 }
  }

  static func torchDense(_ name: String, _ inputs: Int, _ outputs: Int) -> Self {
    Self(name: name, shape: [outputs, inputs], axes: .outputsFirst, dims: [1, inputs, outputs]) { $2 * inputs + $1 }
  }

  static func kernel(_ name: String, _ side: Int, _ inputs: Int, _ outputs: Int) -> Self {
    Self(
      name: name, shape: [side, side, inputs, outputs], axes: .outputsLast, dims: [side * side, inputs, outputs]
    ) { ($0 * inputs + $1) * outputs + $2 }
  }

  static func torchKernel(_ name: String, _ side: Int, _ inputs: Int, _ outputs: Int) -> Self {
    Self(
      name: name, shape: [outputs, inputs, side, side], axes: .outputsFirst, dims: [side * side, inputs, outputs]
    ) { ($2 * inputs + $1) * side * side + $0 }
  }

  /// Every kind, with more kernels than a lane has elements and blocks too large for lanes.
  static let all: [Self] = [
    dense("dense.weight", 5, 4), vector("dense.bias", 4), kernel("conv.kernel", 3, 2, 7), vector("conv.bias", 7),
    torchDense("fc.weight", 3, 6), torchKernel("fc.kernel", 2, 3, 4), dense("tall.weight", 40, 3),
    dense("wide.weight", 2, 35),
    Self(name: "scalar", shape: [], axes: .outputsLast, dims: [1, 1, 1], index: { _, _, _ in 0 }, isMatrix: false),
    Self(
      name: "depthwise", shape: [2, 2, 5], axes: [.window, .window, .output], dims: [4, 1, 5], index: { $0 * 5 + $2 }),
  ]

  static func layout(_ parameters: [Self]) throws -> ParameterLayout {
    try ParameterLayout(parameters.map { (name: $0.name, shape: $0.shape, axes: $0.axes) })
  }
}

extension ParameterVector where Scalar: LaneScalar {
  /// Numbers from N(0, 1).
  static func normal(_ layout: ParameterLayout, seed: UInt64) -> Self {
    var stream = RandomStream(seed: seed, name: "curvature test")
    var vector = Self(zeros: layout)
    vector.fill { Scalar(stream.normal()) }
    return vector
  }
}

/// Makes `steps` steps with random gradients, and returns θ after each.
func curvaturePath<Rule: ObjectiveRule>(
  _ rule: Rule, _ layout: ParameterLayout, steps: Int, threads: Int = 1
) throws -> [ParameterVector<Rule.Scalar>] {
  var θ = ParameterVector<Rule.Scalar>.normal(layout, seed: 0)
  var optimizer = try Optimizer(rule, for: θ, threads: threads)
  return try (1...steps).map { t in
    try optimizer.step(&θ, on: randomGradients(layout, t))
    return θ
  }
}

func randomGradients<Scalar: LaneScalar>(_ layout: ParameterLayout, _ t: Int) -> TwoGradients<Scalar> {
  TwoGradients(
    gradient: .normal(layout, seed: UInt64(t)), sampled: .normal(layout, seed: UInt64(1000 + t)))
}

/// The largest difference of a path from one in a wider type.
func largestDifference<Scalar: LaneScalar>(
  _ path: [ParameterVector<Scalar>], _ name: String, _ exact: [[Widest]]
) throws -> Double {
  try zip(path, exact).reduce(0) { error, pair in
    try zip(pair.0.values(of: name), pair.1).reduce(error) { max($0, abs(Double(Widest($1.0) - $1.1))) }
  }
}

/// At which steps statistics and inverses are renewed, from the text of the methods.
func renewals(at t: Int, statisticsInterval: Int, inverseInterval: Int) -> (statistics: Bool, inverses: Bool) {
  let statistics = t % statisticsInterval == 1 || statisticsInterval == 1
  return (statistics, t % inverseInterval == 1 || inverseInterval == 1 || (t <= inverseInterval && statistics))
}

/// Properties that ``MiniBlockFisher`` and ``TNT`` share.
enum GradientCurvatureProperties {
  static func layout() throws -> ParameterLayout {
    try ParameterLayout([
      ("a.weight", [35, 40]), ("a.bias", [40]), ("kernel", [3, 3, 8, 72]), ("small", [5, 3]), ("scalar", []),
    ])
  }

  /// A run that is interrupted in the middle goes on with the same bits.
  static func expectResumes<Rule: ObjectiveRule>(_ rule: Rule) throws {
    let layout = try SeenParameter.layout(SeenParameter.all)
    let straight = try curvaturePath(rule, layout, steps: 9)
    for interruption in [1, 4] {
      var φ = ParameterVector<Rule.Scalar>(zeros: layout)
      var θ = ParameterVector<Rule.Scalar>.normal(layout, seed: 0)
      var optimizer = try Optimizer(rule, for: θ)
      for t in 1...interruption { try optimizer.step(&θ, on: randomGradients(layout, t)) }
      var other = try Optimizer(rule, for: φ)
      try other.restore(optimizer.checkpoint(θ), into: &φ)
      for t in (interruption + 1)...9 { try other.step(&φ, on: randomGradients(layout, t)) }
      #expect(φ == straight[8], "\(Rule.self) after step \(interruption)")
    }
  }

  /// In the first `warmSteps` θ stays, and the curvature is the mean of the gradients' squares.
  ///
  /// - Parameter rule: Of α = 0.1, μ = 0.5, damping 0.2, ρ = 0.9, given labels, statistics in every step and inverses in
  ///   every second.
  static func expectWarmSteps<Rule: ObjectiveRule<Double>>(_ rule: (_ warmSteps: Int) -> Rule) throws {
    let layout = try ParameterLayout([("weight", [1, 1])])
    for warmSteps in [1, 3] {
      let path = try curvaturePath(rule(warmSteps), layout, steps: 9)
      var x = ParameterVector<Double>.normal(layout, seed: 0).values[0]
      var (m, f, inverse) = (0.0, 0.0, 0.0)
      for t in 1...9 {
        let g = (randomGradients(layout, t) as TwoGradients<Double>).gradient.values[0]
        if t <= warmSteps {
          f += (g * g - f) / Double(t)
        } else {
          f = 0.9 * f + 0.1 * g * g
          if (t - warmSteps) % 2 == 1 { inverse = 1 / (f + 0.2) }
          m = 0.5 * m + g
          x -= 0.1 * inverse * m
        }
        #expect(abs(path[t - 1].values[0] - x) < 1e-14 * max(1, abs(x)), "step \(t)")
      }
      // Decoupled decay waits as long.
      let decayed = try curvaturePath(rule(warmSteps).decayed(by: 0.5), layout, steps: warmSteps + 1)
      #expect(decayed[warmSteps - 1] == path[warmSteps - 1] && decayed[warmSteps] != path[warmSteps])
    }
  }

  /// No finite gradient makes θ or the state infinite or NaN; one that is not finite does.
  static func expectFinite<Rule: ObjectiveRule>(_ rule: Rule) throws {
    let layout = try SeenParameter.layout(SeenParameter.all)
    typealias Scalar = Rule.Scalar
    for size in [Scalar(1e30), 3e38, Scalar.greatestFiniteMagnitude, Scalar.leastNonzeroMagnitude, 0] {
      var θ = ParameterVector<Scalar>.normal(layout, seed: 0)
      var optimizer = try Optimizer(rule, for: θ)
      for (t, isLarge) in [true, true, false, true, false, false].enumerated() {
        var gradients: TwoGradients<Scalar> = randomGradients(layout, t)
        if isLarge {
          func large(_ g: ParameterVector<Scalar>) -> ParameterVector<Scalar> {
            var (large, values) = (g, g.values[...])
            large.fill { values.removeFirst() < 0 ? -size : size }
            return large
          }
          gradients = TwoGradients(gradient: large(gradients.gradient), sampled: large(gradients.sampled))
        }
        try optimizer.step(&θ, on: gradients)
        #expect(θ.firstNonFiniteBlock == nil, "\(Rule.self) \(size) step \(t)")
        let checkpoint = try optimizer.checkpoint(θ)
        for (name, slot) in checkpoint.slots { #expect(slot.firstNonFiniteBlock == nil, "\(name)") }
        for (name, array) in checkpoint.doubles {
          #expect(array.values.allSatisfy { $0.isFinite }, "\(name) \(size) \(t)")
        }
      }
      var bad = ParameterVector<Scalar>.normal(layout, seed: 5)
      bad.fill { .infinity }
      try optimizer.step(&θ, on: TwoGradients(gradient: bad, sampled: bad))
      #expect(θ.values.allSatisfy { !$0.isFinite })
    }
  }

  /// Drawn labels are asked for at the steps that use them alone, and an objective without them is refused; given labels need a
  /// gradient alone.
  static func expectQuestions<Rule: ObjectiveRule<Double>>(_ rule: (CurvatureLabels) -> Rule) throws {
    let start = try ParameterVector([1.0, 2, 3])
    for (labels, plain, sampled) in [(CurvatureLabels.sampled, 4, 3), (.given, 7, 0)] {
      let objective = Counter()
      var θ = start
      var optimizer = try Optimizer(rule(labels), for: θ)
      if labels == .sampled {
        #expect(throws: ObjectiveError.self) { try optimizer.step(&θ, gradient: θ) }
        #expect(θ == start)
      } else {
        var (φ, other) = (start, optimizer)
        try other.step(&φ, gradient: start)
        #expect(φ != start)
      }
      for _ in 1...7 { #expect(try optimizer.step(&θ, on: objective).value == 2) }
      #expect(objective.plain == plain && objective.sampled == sampled)
    }
  }
}

/// Counts how often it is asked for which gradient.
private final class Counter: SampledGradientObjective {
  typealias Scalar = Double
  var (plain, sampled) = (0, 0)
  func value(at θ: ParameterVector<Double>, gradient: inout ParameterVector<Double>) -> Double {
    plain += 1
    gradient = θ
    return 2
  }
  func value(
    at θ: ParameterVector<Double>, gradient: inout ParameterVector<Double>,
    sampledGradient: inout ParameterVector<Double>
  ) -> Double {
    sampled += 1
    (gradient, sampledGradient) = (θ, θ)
    return 2
  }
}
