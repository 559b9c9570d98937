@testable import Descent

/// Σ ½ aᵢ xᵢ² + q xᵢ⁴ / 12, shifted to the minimum b: its curvature is a without the quartic's, a + q (x − b)² with it.
struct Bowls: Hashable {
  var a: [Double] = [2, 0.5, 4, 1]
  var b: [Double] = [1, -1, 0.25, 2]
  var q = 0.0

  func value(_ x: [Double]) -> Double {
    x.indices.reduce(0) { sum, i in
      let d = x[i] - b[i]
      return sum + 0.5 * a[i] * d * d + q * d * d * d * d / 12
    }
  }

  func slope(_ x: [Double]) -> [Double] {
    x.indices.map { i in
      let d = x[i] - b[i]
      return a[i] * d + q * d * d * d / 3
    }
  }

  func curvature(_ x: [Double], _ form: CurvatureForm) -> [Double] {
    x.indices.map { form == .full ? a[$0] + q * (x[$0] - b[$0]) * (x[$0] - b[$0]) : a[$0] }
  }
}

/// An objective of two blocks that gives the diagonal of its curvature and notes when it is asked.
final class BowlObjective: CurvatureDiagonalObjective, BlockwiseObjective {
  typealias Scalar = Double

  var bowls: Bowls
  /// Multiplies gradients.
  var factor = 1.0
  /// Thrown instead of an answer.
  var gradientFailure: (any Error)?
  var curvatureFailure: (any Error)?
  /// The forms that were asked for.
  private(set) var asked: [CurvatureForm] = []

  init(_ bowls: Bowls = Bowls()) { self.bowls = bowls }

  static func start() throws -> ParameterVector<Double> {
    var θ = ParameterVector<Double>(zeros: try ParameterLayout([("first", [3]), ("second", [1])]))
    try θ.assign([3, -2, 0.5], to: "first")
    try θ.assign([1], to: "second")
    return θ
  }

  private func fill(_ vector: inout ParameterVector<Double>, _ x: [Double]) throws {
    try vector.assign(Array(x[..<3]), to: "first")
    try vector.assign(Array(x[3...]), to: "second")
  }

  func value(at θ: ParameterVector<Double>, gradient: inout ParameterVector<Double>) throws -> Double {
    if let gradientFailure { throw gradientFailure }
    try fill(&gradient, bowls.slope(θ.values).map { factor * $0 })
    return bowls.value(θ.values)
  }

  func value(by step: BlockStep<Double>) throws -> Double {
    if let gradientFailure { throw gradientFailure }
    let θ = step.layout.blocks.flatMap { block in
      (0..<block.count).map { step.parameters[block.elements.lowerBound + $0] }
    }
    var gradient = ParameterVector<Double>(zeros: step.layout)
    try fill(&gradient, bowls.slope(θ))
    gradient.withUnsafeElements { g in
      guard let g = g.baseAddress else { return }
      for (i, block) in step.layout.blocks.enumerated().reversed() { step.update(block: i, gradient: g + block.offset) }
    }
    return bowls.value(θ)
  }

  func curvatureDiagonal(
    at θ: ParameterVector<Double>, _ form: CurvatureForm, into diagonal: inout ParameterVector<Double>
  ) throws {
    if let curvatureFailure { throw curvatureFailure }
    asked.append(form)
    try fill(&diagonal, bowls.curvature(θ.values, form))
  }
}

/// A gradient and a curvature that are given, whatever θ.
final class GivenDiagonal: CurvatureDiagonalObjective {
  typealias Scalar = Double

  var g, h: [Double]

  init(g: [Double] = [], h: [Double]) { (self.g, self.h) = (g, h) }

  func value(at θ: ParameterVector<Double>, gradient: inout ParameterVector<Double>) throws -> Double {
    gradient = try ParameterVector(g)
    return 0
  }

  func curvatureDiagonal(
    at θ: ParameterVector<Double>, _ form: CurvatureForm, into diagonal: inout ParameterVector<Double>
  ) throws { diagonal = try ParameterVector(h) }
}
