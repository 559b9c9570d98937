import Descent
import DescentCatalogue
import Foundation
import RealModule
import TestSupport
import Testing

/// Parameter shapes for testing the methods that see shapes.
let modelShapes = [[3, 7], [11], [], [2, 3, 5]]

/// Checks a case, after each step of every sequence, against its equations in a wider type.
///
/// Two things are compared, in units in the last place of the largest value so far. The *step* Δₜ: its error must be
/// within the method's stated bound. θ is put back to zero before each step, so that Δ is not rounded to θ's precision.
/// The *path* θₜ: its error must be within half a unit for each step (the rounding of θ itself) plus the bound for the
/// steps' errors. The largest value is taken over the element's steps, or over the parameter's for methods that see its
/// shape.
///
/// - Returns: The largest error found.
func expectExact<Scalar: CheckedScalar>(_ scenario: MethodCase<Scalar.Wider>, _: Scalar.Type) throws -> Double {
  let (method, configured) = try scenario.configured()
  let bound = Scalar.self == Double.self ? method.ulpsInDouble : method.ulps
  var worst = 0.0
  for sequence in GradientSequence.allCases {
    func compare(_ error: Double, _ what: String) {
      worst = max(worst, error)
      #expect(error <= bound, "\(scenario.description), \(Scalar.self), \(what), \(sequence): \(error) ULPs")
    }
    switch scenario.reference {
    case .element(let reference):
      let gradients = sequence.gradients(Scalar.self, steps: scenario.steps)
      let ours = gradients.map { [$0] }
      if !scenario.dependsOnθ {
        let zero = try ParameterVector(Array(repeating: Scalar.zero, count: GradientSequence.elements))
        let steps = try configured.trajectory(ours, from: zero, returning: true)
        var error = 0.0
        for i in 0..<GradientSequence.elements {
          let path = reference(gradients.map { Scalar.Wider($0[i]) }, 0)
          let exact = zip(path, [0] + path).map { [$0 - $1] }
          error = max(error, largestError(steps.map { [$0[0][i]] }, exact, from: [0], slack: 0))
        }
        compare(error, "steps")
      }
      for start in [0, 0.7] as [Scalar] {
        let θ = try ParameterVector(Array(repeating: start, count: GradientSequence.elements))
        let path = try configured.trajectory(ours, from: θ)
        var error = 0.0
        for i in 0..<GradientSequence.elements {
          let exact = reference(gradients.map { Scalar.Wider($0[i]) }, Scalar.Wider(start)).map { [$0] }
          error = max(error, largestError(path.map { [$0[0][i]] }, exact, from: [start], slack: 0.5))
        }
        compare(error, "path from \(start)")
      }
    case .model(let reference):
      let (start, gradients) = try model(sequence, Scalar.self, steps: scenario.steps)
      let parameters = modelShapes.indices
      let wide = gradients.map { $0.map { $0.map { Scalar.Wider($0) } } }
      if !scenario.dependsOnθ {
        let zero = ParameterVector<Scalar>(zeros: start.layout)
        let steps = try configured.trajectory(gradients, from: zero, returning: true)
        let first = try start.layout.blocks.map { try zero.values(of: $0.name).map { Scalar.Wider($0) } }
        let path = reference(wide, first, modelShapes)
        for p in parameters {
          let exact = zip(path, [first] + path).map { now, before in zip(now[p], before[p]).map { $0 - $1 } }
          compare(largestError(steps.map { $0[p] }, exact, from: [0], slack: 0), "steps of \(modelShapes[p])")
        }
      }
      let path = try configured.trajectory(gradients, from: start)
      let first = try start.layout.blocks.map { try start.values(of: $0.name) }
      let exact = reference(wide, first.map { $0.map { Scalar.Wider($0) } }, modelShapes)
      for p in parameters {
        compare(
          largestError(path.map { $0[p] }, exact.map { $0[p] }, from: first[p], slack: 0.5),
          "path of \(modelShapes[p])")
      }
    }
  }
  return worst
}

/// Parameters of ``modelShapes`` and their gradients, [step][parameter][element].
func model<Scalar: LaneScalar>(
  _ sequence: GradientSequence, _: Scalar.Type, steps: Int = GradientSequence.steps
) throws -> (start: ParameterVector<Scalar>, gradients: [[[Scalar]]]) {
  let layout = try ParameterLayout(modelShapes.enumerated().map { ("p\($0.offset)", $0.element) })
  let counts = layout.blocks.map(\.count)
  func split(_ values: [Scalar]) -> [[Scalar]] {
    var rest = values[...]
    return counts.map { count in
      defer { rest = rest.dropFirst(count) }
      return Array(rest.prefix(count))
    }
  }
  var start = ParameterVector<Scalar>(zeros: layout)
  let total = counts.reduce(0, +)
  for (block, values) in zip(layout.blocks, split(GradientSequence.noisy.gradients(steps: 1, elements: total)[0])) {
    try start.assign(values, to: block.name)
  }
  return (start, sequence.gradients(Scalar.self, steps: steps, elements: total).map(split))
}

/// The largest difference between `values` and `exact` in units in the last place of the largest value so far, minus
/// `slack` units for each step.
func largestError<Scalar: CheckedScalar>(
  _ values: [[Scalar]], _ exact: [[Scalar.Wider]], from start: [Scalar], slack: Double
) -> Double {
  var largest = 0.0
  var scale = start.reduce(Scalar.leastNormalMagnitude) { max($0, abs($1)) }
  for t in exact.indices {
    scale = exact[t].reduce(scale) { max($0, Scalar(abs($1))) }
    for (value, exact) in zip(values[t], exact[t]) {
      let error = Double(abs(Scalar.Wider(value) - exact) / Scalar.Wider(scale.ulp)) - slack * Double(t + 1)
      largest = error.isNaN ? .infinity : max(largest, error)
    }
  }
  return largest
}
