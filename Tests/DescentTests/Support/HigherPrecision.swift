import Descent
import RealModule
import Testing

/// A scalar with a wider type in which a method's equations are evaluated to check it.
protocol CheckedScalar: LaneScalar {
  associatedtype Wider: Real & BinaryFloatingPoint
}

extension Float: CheckedScalar { typealias Wider = Double }
#if arch(x86_64) || arch(i386)
  extension Double: CheckedScalar { typealias Wider = Float80 }
#endif

/// A method's equations for one element: from its gradients and θ₀ to θ after each step.
typealias ReferencePath<T> = (_ gradients: [T], _ θ0: T) -> [T]

/// Checks a rule, element by element after each step of every sequence, against its equations in a wider type.
///
/// Two things are compared. The *step* Δₜ: with θ put back to zero before each step, so that Δ is not rounded to θ's
/// precision, it must be within `ulps` units in the last place of the largest |Δ| so far. The *path* θₜ: within half a
/// unit for each step (the rounding of θ itself) and `ulps` units for the steps' errors, of the largest |θ| so far.
///
/// - Parameter dependsOnθ: Whether Δ depends on θ itself; then only the path is compared.
func expectExact<Rule: UpdateRule>(
  _ rule: Rule, within ulps: Double, dependsOnθ: Bool = false,
  sourceLocation: SourceLocation = #_sourceLocation, reference: ReferencePath<Rule.Scalar.Wider>
) throws where Rule.Scalar: CheckedScalar {
  typealias Scalar = Rule.Scalar
  for sequence in GradientSequence.allCases {
    let gradients = sequence.gradients(Scalar.self)
    if !dependsOnθ {
      let steps = try trajectory(of: rule, gradients: gradients, from: 0, returning: true)
      let error = largestError(steps, gradients, from: Scalar.zero, slack: 0) { gradients, θ0 in
        let path = reference(gradients, θ0)
        return zip(path, [θ0] + path).map { $0 - $1 }
      }
      #expect(error <= ulps, "\(Rule.self), steps, \(sequence): \(error) ULPs", sourceLocation: sourceLocation)
    }
    for start in [0, 0.7] as [Scalar] {
      let path = try trajectory(of: rule, gradients: gradients, from: start)
      let error = largestError(path, gradients, from: start, slack: 0.5, reference)
      #expect(
        error <= ulps, "\(Rule.self), path from \(start), \(sequence): \(error) ULPs", sourceLocation: sourceLocation)
    }
  }
}

/// The largest difference between `values` and `reference` in units in the last place of the largest value so far, less
/// `slack` units a step.
private func largestError<Scalar: CheckedScalar>(
  _ values: [[Scalar]], _ gradients: [[Scalar]], from start: Scalar, slack: Double,
  _ reference: ReferencePath<Scalar.Wider>
) -> Double {
  var largest = 0.0
  for i in 0..<GradientSequence.elements {
    let exact = reference(gradients.map { Scalar.Wider($0[i]) }, Scalar.Wider(start))
    var scale = max(abs(start), .leastNormalMagnitude)
    for t in exact.indices {
      scale = max(scale, Scalar(abs(exact[t])))
      let error = Double(abs(Scalar.Wider(values[t][i]) - exact[t]) / Scalar.Wider(scale.ulp)) - slack * Double(t + 1)
      largest = error.isNaN ? .infinity : max(largest, error)
    }
  }
  return largest
}

/// θ after each step, for each element, from θ₀ = `start` everywhere.
///
/// - Parameter returning: Put θ back to `start` before each step: what is returned is then `start` plus each step.
func trajectory<Rule: UpdateRule>(
  of rule: Rule, gradients: [[Rule.Scalar]], from start: Rule.Scalar, returning: Bool = false
) throws -> [[Rule.Scalar]] {
  let first = try ParameterVector(Array(repeating: start, count: gradients[0].count))
  var θ = first
  var g = θ
  var optimizer = try Optimizer(rule, for: θ)
  return try gradients.map { gradient in
    if returning { θ = first }
    try g.assign(gradient, to: "x")
    try optimizer.step(&θ, gradient: g)
    return try θ.values(of: "x")
  }
}
