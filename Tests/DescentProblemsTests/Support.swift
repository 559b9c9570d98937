import Descent
import DescentProblems

/// Every problem of the catalogue, with options that change what it computes.
let variants: [(name: String, options: [String: String])] = [
  ("quadratic", [:]), ("quadratic", ["dimension": "1"]),
  ("quadratic", ["dimension": "12", "condition": "1e4", "largest": "5", "spectrum": "linear", "seed": "7"]),
  ("quadratic", ["dimension": "5", "spectrum": "two", "rotated": "false"]),
  ("rosenbrock", [:]), ("rosenbrock", ["dimension": "7"]),
  ("rosenbrock", ["dimension": "6", "form": "pairs", "b": "3"]),
  ("beale", [:]), ("himmelblau", [:]), ("styblinskitang", [:]), ("styblinskitang", ["dimension": "5"]),
  ("rastrigin", [:]), ("rastrigin", ["dimension": "3"]), ("squareandsine", [:]), ("sinevalley", [:]),
  ("leastsquares", [:]), ("leastsquares", ["rows": "6", "dimension": "9", "rank": "6", "residual": "0", "batch": "2"]),
  ("diffgradfunction", [:]), ("diffgradfunction", ["function": "2"]), ("diffgradfunction", ["function": "3"]),
  ("logisticregression", [:]), ("logisticregression", ["lambda": "0", "rows": "30", "dimension": "4", "batch": "5"]),
  ("reddi", [:]), ("reddi", ["period": "3", "c": "3"]), ("reddi", ["period": "101", "c": "1010", "d": "10"]),
  ("reddistochastic", [:]), ("reddistochastic", ["probability": "0.3", "c": "1", "d": "2"]),
  ("sparseonline", [:]), ("sparseonline", ["period": "4"]),
  ("sparsenoise", [:]), ("sparsenoise", ["dimension": "3", "sigma": "2"]),
]

let problems: [any Problem] = try! variants.map { try ProblemCatalogue.problem(named: $0.name, options: $0.options) }

/// A point of the problem's region; the same index gives the same point.
func randomPoint(of problem: any Problem, _ index: Int) -> [Double] {
  var stream = RandomStream(seed: 11, name: "point").substream(UInt64(index))
  return problem.region.map { stream.uniform(in: $0.lowerBound..<$0.upperBound) }
}

func minus(_ x: [Double], _ y: [Double]) -> [Double] { zip(x, y).map { $0 - $1 } }
func moved(_ x: [Double], along d: [Double], by step: Double) -> [Double] { zip(x, d).map { $0 + step * $1 } }

/// The derivative of `f` at 0, by central differences extrapolated to step 0 (Richardson and Ridders), and the
/// difference of the last two extrapolations.
func derivative(of f: (Double) -> Double, step: Double) -> (value: Double, error: Double) {
  var best = (value: Double.nan, error: Double.infinity)
  var previous: [Double] = []
  for i in 0..<9 {
    var h = step
    for _ in 0..<i { h /= 2 }
    var row = [(f(h) - f(-h)) / (2 * h)]
    var factor = 1.0
    for j in previous.indices {
      factor *= 4
      row.append((factor * row[j] - previous[j]) / (factor - 1))
      let error = max(abs(row[j + 1] - row[j]), abs(row[j + 1] - previous[j]))
      if error < best.error { best = (row[j + 1], error) }
    }
    previous = row
  }
  return best
}

/// Runs `rule` on the samples that an oracle shows. Moves x back into the feasible range after each step, and calls
/// `watch` with t and x before each step.
func run<Rule: ElementRule>(
  _ rule: Rule, on oracle: Oracle, from start: [Double]? = nil, steps: Int,
  watch: ((_ t: Int, _ x: [Double]) -> Void)? = nil
) throws -> [Double] where Rule.Scalar == Double {
  let x = try ParameterVector(start ?? oracle.problem.start)
  return try drive(try Optimizer(rule, for: x), on: oracle, from: x, steps: steps, watch: watch)
}

/// Does the same for a rule that sees the whole parameter.
func run<Rule: TensorRule>(tensor rule: Rule, on oracle: Oracle, steps: Int) throws -> [Double]
where Rule.Scalar == Double {
  let x = try ParameterVector(oracle.problem.start)
  return try drive(try Optimizer(rule, for: x, threads: 1), on: oracle, from: x, steps: steps)
}

private func drive(
  _ optimizer: some Stepper<Double>, on oracle: Oracle, from start: ParameterVector<Double>, steps: Int,
  watch: ((_ t: Int, _ x: [Double]) -> Void)? = nil
) throws -> [Double] {
  let count = oracle.problem.dimension
  var optimizer = optimizer
  var x = start
  var g = start
  for t in 1...steps {
    watch?(t, x.values)
    x.withUnsafeElements { x in
      g.withUnsafeMutableElements { g in
        var gradient = MutableSpan(_unsafeElements: UnsafeMutableBufferPointer(rebasing: g[..<count]))
        _ = oracle.observe(
          at: t, Span(_unsafeElements: UnsafeBufferPointer(rebasing: x[..<count])), gradient: &gradient)
      }
    }
    try optimizer.step(&x, gradient: g)
    guard let range = oracle.problem.feasible else { continue }
    x.withUnsafeMutableElements { x in
      for i in 0..<count { x[i] = min(range.upperBound, max(range.lowerBound, x[i])) }
    }
  }
  return x.values
}
