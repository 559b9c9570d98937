import Descent
import DescentProblems
import RealModule
import TestSupport
import Testing

/// The properties that problems state.
@Suite struct KnownFactsTests {
  @Test(arguments: variants.indices) func minimizersAreMinimizers(_ index: Int) throws {
    let problem = problems[index]
    for x in problem.minimizers {
      let (value, gradient) = problem.evaluate(at: x)
      let minimum = try #require(problem.minimum)
      #expect(abs(value - minimum) <= 1e-14 * max(1, abs(minimum)), "\(variants[index]): \(value), not \(minimum)")
      if let range = problem.feasible {
        // At the end of the range, if f rises from there inward; or anywhere, if f is constant.
        let isLow = x[0] == range.lowerBound
        #expect(isLow || x[0] == range.upperBound)
        #expect(isLow ? gradient[0] >= 0 : gradient[0] <= 0)
      } else if (problem as? DiffGradFunction)?.function == 3 {
        // A kink: f falls toward it from the left and rises from it to the right.
        #expect(gradient[0] < 0 && problem.evaluate(at: [x[0] + 1e-9]).gradient[0] > 0)
      } else {
        #expect(norm(gradient) < 1e-12 * max(1, problem.smoothness ?? 100), "\(variants[index]): \(gradient)")
      }
      #expect(problem.distanceToMinimizer(from: x)! < 1e-12)
    }
    guard let minimum = problem.minimum else { return }
    let lowest = (0..<200).map { problem.evaluate(at: randomPoint(of: problem, $0)).value }.min()!
    #expect(lowest >= minimum)
  }

  @Test func everyProblemWithAMinimumHasAMinimizer() {
    for (variant, problem) in zip(variants, problems) {
      #expect((problem.minimum == nil) == problem.minimizers.isEmpty, "\(variant)")
      // Only logistic regression without penalty has none.
      #expect(problem.minimum != nil || problem is LogisticRegression, "\(variant)")
    }
  }

  /// The nearest minimizer is nearer than any other, and is a minimizer.
  @Test(arguments: ["himmelblau", "sinevalley", "leastsquares", "reddi"])
  func theNearestMinimizerIsTheNearest(_ name: String) throws {
    let problem = try ProblemCatalogue.problem(named: name)
    let minimum = try #require(problem.minimum)
    for i in 0..<60 {
      let x = randomPoint(of: problem, i)
      let nearest = try #require(problem.nearestMinimizer(to: x))
      #expect(abs(problem.evaluate(at: nearest).value - minimum) < 1e-13)
      let distance = norm(minus(nearest, x))
      #expect(distance == problem.distanceToMinimizer(from: x))
      switch name {
      case "sinevalley":
        let others = (-2000...2000).map { x[0] + Double($0) / 400 }.map { norm(minus([$0, Double.sin($0)], x)) }
        #expect(others.min()! >= distance - 1e-12)
      case "leastsquares":
        // x − nearest is orthogonal to the subspace of minimizers: it lies in the row space, like differences of
        // gradients.
        let other = problem.nearestMinimizer(to: randomPoint(of: problem, i + 500))!
        #expect(abs(dot(minus(x, nearest), minus(other, nearest))) < 1e-11)
      default:
        for minimizer in problem.minimizers { #expect(norm(minus(minimizer, x)) >= distance) }
      }
    }
  }

  /// ‖∇f(x) − ∇f(y)‖ ≤ L ‖x − y‖ on near and far pairs of the region and of f ≤ f(start).
  @Test(arguments: variants.indices.filter { problems[$0].smoothness != nil })
  func gradientsAreSmooth(_ index: Int) throws {
    let problem = problems[index]
    let l = try #require(problem.smoothness)
    let highest = problem.evaluate(at: problem.start).value
    var largest = 0.0
    for i in 0..<300 {
      let x = randomPoint(of: problem, i)
      let far = randomPoint(of: problem, i + 10_000)
      for y in [far, moved(x, along: minus(far, x), by: 1e-4)] {
        let (a, b) = (problem.evaluate(at: x), problem.evaluate(at: y))
        // The valley's constant holds where f ≤ f(start), along the whole segment: so only near pairs are checked.
        if problem is SineValley, a.value > highest || b.value > highest || y == far { continue }
        largest = max(largest, norm(minus(a.gradient, b.gradient)) / norm(minus(x, y)))
      }
    }
    #expect(largest <= l * (1 + 1e-9), "\(variants[index]): \(largest) > \(l)")
    // Rastrigin's and the sine's second derivatives reach L at 0.
    if problem is Rastrigin || problem is SquareAndSine {
      let x = Array(repeating: 1e-5, count: problem.dimension)
      #expect(norm(problem.evaluate(at: x).gradient) / norm(x) > l * (1 - 1e-8))
    }
  }

  /// ½ ‖∇f‖² ≥ μ (f − f*).
  @Test(arguments: variants.indices.filter { problems[$0].plConstant != nil })
  func theInequalityOfPolyakAndŁojasiewiczHolds(_ index: Int) throws {
    let problem = problems[index]
    let μ = try #require(problem.plConstant)
    guard let minimum = problem.minimum else { return }
    var least = Double.infinity
    for i in 0..<500 {
      let (value, gradient) = problem.evaluate(at: randomPoint(of: problem, i))
      if value - minimum > 1e-6 { least = min(least, 0.5 * dot(gradient, gradient) / (value - minimum)) }
    }
    #expect(least >= μ * (1 - 1e-9), "\(variants[index]): \(least) < \(μ)")
  }

  /// The stated μ is the largest possible.
  @Test func theConstantsOfTheExamplesAreTight() throws {
    func ratio(_ problem: any Problem, _ x: [Double]) -> Double {
      let (value, gradient) = problem.evaluate(at: x)
      return 0.5 * dot(gradient, gradient) / (value - problem.minimum!)
    }
    let sine = SquareAndSine()
    let grid = (1...40_000).map { ratio(sine, [Double($0) / 4000]) }
    let least = grid.min()!
    #expect(least >= sine.plConstant! && least < sine.plConstant! * (1 + 1e-6))
    #expect(sine.plConstant! > 1.0 / 32)
    #expect((-40...40).allSatisfy { abs(Double($0)) < 1e-9 || ratio(sine, [Double($0)]) >= 1.0 / 32 })
    // Not convex: f'' = 2 + 6 cos 2x is −4 at π/2.
    let slopes = [1.5, 1.6].map { sine.evaluate(at: [$0]).gradient[0] }
    #expect(slopes[1] < slopes[0])

    let valley = SineValley()
    #expect(abs(ratio(valley, [.pi / 2, 3]) - 1) < 1e-12)

    for condition in ["1", "10", "1000"] {
      let squares = try ProblemCatalogue.problem(named: "leastsquares", options: ["condition": condition])
      #expect(abs(squares.smoothness! / squares.plConstant! / Double(condition)! - 1) < 1e-12)
      // Gradients approach the eigenvector of the smallest eigenvalue as gradient descent goes on.
      var x = squares.start
      for _ in 0..<(40 * Int(condition)!) {
        x = moved(x, along: squares.evaluate(at: x).gradient, by: -1 / squares.smoothness!)
        if squares.evaluate(at: x).value - squares.minimum! < 1e-9 { break }
      }
      if condition != "1" { #expect(abs(ratio(squares, x) / squares.plConstant! - 1) < 0.01) }
    }
  }

  /// A rotation's matrix is orthogonal, and the Hessian has the eigenvalues that were asked for.
  @Test(arguments: [Quadratic.Spectrum.geometric, .linear, .two]) func quadraticsHaveTheirSpectrum(
    _ spectrum: Quadratic.Spectrum
  ) throws {
    let options = ["dimension": "9", "condition": "50", "largest": "3", "spectrum": spectrum.rawValue]
    let problem = try #require(
      try ProblemCatalogue.problem(named: "quadratic", options: options) as? Quadratic)
    let hessian = (0..<9).map { j in
      problem.evaluate(at: (0..<9).map { $0 == j ? 1 : 0 }).gradient
    }
    for i in 0..<9 { for j in 0..<9 { #expect(abs(hessian[i][j] - hessian[j][i]) < 1e-14) } }
    let found = eigenvalues(ofSymmetric: hessian).sorted(by: >)
    for (a, b) in zip(found, problem.eigenvalues) { #expect(abs(a - b) < 1e-13, "\(found)") }
    #expect(problem.eigenvalues.first == 3 && abs(problem.eigenvalues.last! - 3.0 / 50) < 1e-15)
    // The matrix is really rotated, differently for another seed, and the start has equal shares of all eigenvectors.
    #expect(abs(hessian[0][1]) > 1e-3)
    let other = Quadratic(eigenvalues: problem.eigenvalues, seed: 2)
    #expect(other.evaluate(at: [1, 0, 0, 0, 0, 0, 0, 0, 0]).gradient != hessian[0])
    #expect(abs(problem.evaluate(at: problem.start).value - 0.5 * problem.eigenvalues.reduce(0, +)) < 1e-13)
    #expect(abs(norm(problem.start) - 3) < 1e-14)
  }

  /// Logistic regression's bound of L is valid, and close to L if all values have one sign.
  @Test func logisticRegressionsSmoothnessIsABound() throws {
    var stream = RandomStream(seed: 4, name: "rows")
    for isPositive in [true, false] {
      let (n, d) = (40, 6)
      let values = (0..<(n * d)).map { _ in Float(isPositive ? stream.uniform() : stream.normal()) }
      let rows = try SparseRows(
        rowStarts: (0...n).map { $0 * d }, columns: (0..<n).flatMap { _ in 0..<Int32(d) }, values: values,
        columnCount: d)
      let problem = try LogisticRegression(
        LabeledRows(rows: rows, labels: (0..<Int32(n)).map { $0 % 2 }), λ: 0.01)
      let gram = (0..<d).map { i in
        (0..<d).map { j in
          (0..<n).reduce(0) { $0 + Double(values[$1 * d + i]) * Double(values[$1 * d + j]) } / Double(n)
        }
      }
      let exact = 0.25 * eigenvalues(ofSymmetric: gram).max()! + 0.01
      let bound = try #require(problem.smoothness)
      #expect(bound >= exact * (1 - 1e-12))
      if isPositive { #expect(bound < exact * 1.001) }
      let largest = (0..<n).map { i in
        (0..<d).reduce(0) { $0 + Double(values[i * d + $1]) * Double(values[i * d + $1]) }
      }
      .max()!
      #expect(abs(problem.termSmoothness! - (0.25 * largest + 0.01)) < 1e-12)
    }
  }
}

/// Jacobi's method.
func eigenvalues(ofSymmetric matrix: [[Double]]) -> [Double] {
  var a = matrix
  let n = a.count
  for _ in 0..<60 {
    for p in 0..<n {
      for q in (p + 1)..<n where a[p][q] != 0 {
        let θ = (a[q][q] - a[p][p]) / (2 * a[p][q])
        let t = (θ >= 0 ? 1 : -1) / (abs(θ) + (θ * θ + 1).squareRoot())
        let c = 1 / (t * t + 1).squareRoot()
        let s = t * c
        for k in 0..<n { (a[k][p], a[k][q]) = (c * a[k][p] - s * a[k][q], s * a[k][p] + c * a[k][q]) }
        for k in 0..<n { (a[p][k], a[q][k]) = (c * a[p][k] - s * a[q][k], s * a[p][k] + c * a[q][k]) }
      }
    }
  }
  return (0..<n).map { a[$0][$0] }
}
