import Descent
import RealModule
import TestSupport
import Testing

@Suite struct ShampooTests: MethodTests {
  static func cases<T: ReferenceScalar>() -> [MethodCase<T>] {
    func shampoo(
      _ options: KeyValuePairs<String, String> = [:], steps: Int = 16,
      _ change: (inout ShampooOptions<T>) -> Void = { _ in }
    ) -> MethodCase<T> {
      MethodCase("shampoo", options, dependsOnθ: false, steps: steps, model: Reference.shampoo(change))
    }
    return [
      // Until the next computation, a gradient may have parts for which the roots hold ε alone; ε must exceed rounding.
      shampoo(["relativeEpsilon": "true"], steps: 50) { $0.isRelative = true },
      shampoo(["preconditionEvery": "1"]) { $0.every = 1 },
      shampoo(["preconditionEvery": "5", "epsilon": "0.01", "form": "matrix", "lr": "0.1"], steps: 40) {
        $0.every = 5
        $0.ε = w(0.01)
        $0.form = { $0.count < 2 ? [$0.first ?? 1] : [$0.dropLast().reduce(1, *), $0.last!] }
        $0.α = w(0.1)
      },
      shampoo(
        [
          "beta1": "0.9", "beta2": "0.95", "startStep": "4", "preconditionEvery": "3", "grafting": "adam",
          "graftingBeta2": "0.99", "graftingEpsilon": "1e-6", "momentum": "0.5", "nesterov": "true",
        ]
      ) {
        ($0.β1, $0.β2) = (w(0.9), w(0.95))
        ($0.start, $0.every) = (4, 3)
        $0.grafting = "adam"
        ($0.graftβ2, $0.graftε) = (w(0.99), w(1e-6))
        ($0.μ, $0.nesterov) = (w(0.5), true)
      },
      shampoo(
        ["beta1": "0.8", "beta2": "0.9", "biasCorrection": "false", "grafting": "adam", "preconditionEvery": "2"]
      ) {
        ($0.β1, $0.β2, $0.corrects) = (w(0.8), w(0.9), false)
        $0.grafting = "adam"
        $0.every = 2
      },
      shampoo(
        [
          "maximumSide": "3", "oversized": "diagonal", "momentum": "0.9", "grafting": "adagrad", "startStep": "2",
          "preconditionEvery": "1",
        ]
      ) {
        ($0.limit, $0.cuts, $0.every) = (3, false, 1)
        $0.μ = w(0.9)
        $0.grafting = "adagrad"
        $0.start = 2
      },
      shampoo(["maximumSide": "4", "grafting": "rmsprop", "preconditionEvery": "2"]) {
        $0.limit = 4
        $0.grafting = "rmsprop"
        $0.every = 2
      },
      shampoo([
        "relativeEpsilon": "true", "epsilon": "0.001", "exponent": "0.3", "grafting": "sgd", "preconditionEvery": "1",
      ]) {
        $0.every = 1
        $0.isRelative = true
        $0.ε = w(0.001)
        $0.exponent = w(0.3)
        $0.grafting = "sgd"
      },
      shampoo(["form": "merged", "maximumSide": "6", "oversized": "diagonal", "preconditionEvery": "4"]) {
        ($0.limit, $0.cuts) = (6, false)
        $0.form = { $0 == [] ? [1] : $0 == [2, 3, 5] ? [6, 5] : $0 }
        $0.every = 4
      },
    ]
  }

  /// −Δ of each step of a parameter that starts at zero, for α = 1.
  private func steps(_ rule: Shampoo<Double>, _ gradients: [[Double]], shape: [Int]) throws -> [[Double]] {
    let zero = ParameterVector<Double>(zeros: try ParameterLayout([("w", shape)]))
    var gradient = zero
    var rule = rule
    rule.learningRate = 1
    rule.preconditionEvery = 1
    var optimizer = try Optimizer(rule, for: zero)
    return try gradients.map {
      var θ = zero
      try gradient.assign($0, to: "w")
      try optimizer.step(&θ, gradient: gradient)
      return θ.values.map { -$0 }
    }
  }

  @Test func theFirstStepHasSingularValuesOfOne() throws {
    let g = try randomVector(4 * 6, seed: 1, of: Double.self).values
    let step = Matrix(try steps(Shampoo(epsilon: 1e-14), [g], shape: [4, 6])[0], columns: 6)
    for (x, identity) in zip((step * step.transposed).values, Matrix<Double>.identity(4).values) {
      #expect(abs(x - identity) < 1e-9)
    }
  }

  @Test func theFirstStepOfARankOneGradient() throws {
    let (u, v) = ([1.0, -2, 2], [0.0, 3, 0, 4])
    let g = u.flatMap { u in v.map { u * $0 } }
    for (x, g) in zip(try steps(Shampoo(epsilon: 1e-8), [g], shape: [3, 4])[0], g) {
      #expect(abs(x - g / 15) < 1e-9)
    }
  }

  /// With diagonal gradients L = R = diag(Σ g²), so the two roots together are AdaGrad's root.
  @Test func diagonalGradientsHaveAdaGradsSteps() throws {
    let diagonals = try (0..<12).map { try randomVector(5, seed: UInt64($0), of: Double.self).values }
    let gradients = diagonals.map { d in (0..<25).map { i -> Double in i % 6 == 0 ? d[i / 6] : 0 } }
    var sums = [Double](repeating: 0.01, count: 5)
    for (step, d) in zip(try steps(Shampoo(epsilon: 0.01), gradients, shape: [5, 5]), diagonals) {
      for i in 0..<25 {
        if i % 6 == 0 { sums[i / 6] += d[i / 6] * d[i / 6] }
        let expected = i % 6 == 0 ? d[i / 6] / sums[i / 6].squareRoot() : 0
        #expect(abs(step[i] - expected) < 1e-13)
      }
    }
  }

  /// (Σ g gᵀ + ε I)^(−1/2) applied to g; the test squares the result instead of taking the root.
  @Test func vectorsHaveFullMatrixAdaGradsSteps() throws {
    let gradients = try (0..<9).map { try randomVector(4, seed: UInt64($0), of: Double.self).values }
    let found = try steps(Shampoo(epsilon: 0.1), gradients, shape: [4])
    var h = 0.1 * Matrix<Double>.identity(4)
    for (step, g) in zip(found, gradients) {
      h = h + Matrix(g, columns: 1) * Matrix(g, columns: 4)
      // stepᵀ H step = gᵀ g, and H^(1/2) step = g.
      let x = Matrix(step, columns: 1)
      #expect(abs((x.transposed * h * x).values[0] / g.reduce(0) { $0 + $1 * $1 } - 1) < 1e-12)
      let root = h.mapEigenvalues { λ, _ in λ.squareRoot() }
      for (a, b) in zip((root * x).values, g) { #expect(abs(a - b) < 1e-12) }
    }
  }

  @Test func scalarsHaveAdaGradsSteps() throws {
    let found = try steps(Shampoo(epsilon: 0), [[3], [4], [-12]], shape: [])
    for (a, b) in zip(found, [1, 0.8, -12 / 13.0]) { #expect(abs(a[0] - b) < 1e-15) }
  }

  /// Rotating rows and columns of all gradients rotates the steps.
  @Test func rotationsOfTheProblemAreRotationsOfTheSteps() throws {
    let u = Matrix(try randomVector(16, seed: 91, of: Double.self).values, columns: 4).orthogonalized
    let v = Matrix(try randomVector(25, seed: 92, of: Double.self).values, columns: 5).orthogonalized
    let gradients = try (0..<10).map {
      Matrix(try randomVector(20, seed: UInt64($0), of: Double.self).values, columns: 5)
    }
    let plain = try steps(Shampoo(), gradients.map(\.values), shape: [4, 5])
    let rotated = try steps(Shampoo(), gradients.map { (u * $0 * v).values }, shape: [4, 5])
    for (a, b) in zip(plain, rotated) {
      for (x, y) in zip((u * Matrix(a, columns: 5) * v).values, b) { #expect(abs(x - y) < 1e-11) }
    }
  }

  /// The roots in use come from the last computation, not from the latest factors. This also holds after a resumption,
  /// because the file stores them.
  @Test func rootsAreKeptBetweenComputations() throws {
    let layout = try ParameterLayout([("w", [3, 4])])
    var θ = ParameterVector<Double>(zeros: layout)
    var optimizer = try Optimizer(Shampoo<Double>(preconditionEvery: 4), for: θ)
    var roots: [[Double]] = []
    for t in 0..<9 {
      var g = θ
      try g.assign(randomVector(12, seed: UInt64(t), of: Double.self).values, to: "w")
      try optimizer.step(&θ, gradient: g)
      roots.append(try #require(optimizer.checkpoint(θ).doubles["shampoo/roots/w"]).values)
    }
    // Roots are computed at steps 1, 2, 5 and 9.
    #expect(roots[0] != roots[1] && roots[1] == roots[3] && roots[3] != roots[4])
    #expect(roots[4] == roots[7] && roots[7] != roots[8])
  }
}

struct ShampooOptions<T: ReferenceScalar>: Sendable {
  var α: T = w(0.01)
  var β1: T = 0
  var β2: T = 1
  var corrects = true
  var μ: T = 0
  var nesterov = false
  var ε: T = w(1e-4)
  var isRelative = false
  var exponent: T = 0
  var every = 50
  var start = 1
  var form: @Sendable (_ shape: [Int]) -> [Int] = { $0.isEmpty ? [1] : $0 }
  var limit = 64
  var cuts = true
  var grafting = ""
  var (graftβ2, graftε): (T, T) = (w(0.999), w(1e-8))
}

extension Reference {
  static func shampoo<T>(_ change: (inout ShampooOptions<T>) -> Void) -> ModelPath<T> {
    var o = ShampooOptions<T>()
    change(&o)
    let options = o
    return eachParameter { shape in
      let shape = options.form(shape)
      let zeros = [T](repeating: 0, count: shape.reduce(1, *))
      var (m, v, buffer) = (zeros, zeros, zeros)
      let blockCount = Tensor(shape: shape, values: zeros).blocks(options.cuts ? options.limit : .max).count
      var factors = [[Matrix<T>]](repeating: [], count: blockCount)
      var roots = factors
      return { t, g, θ in
        let blocks = Tensor(shape: shape, values: g).blocks(options.cuts ? options.limit : .max)
        for (b, block) in blocks.enumerated() {
          let new = block.part.shape.indices.map { mode in
            let gram = block.part.gram(mode)
            guard gram.count > options.limit else { return gram }
            return Matrix(gram.rows.indices.map { i in gram.rows.indices.map { $0 == i ? gram.rows[i][i] : 0 } })
          }
          let old = t == 1 ? new.map { T(0) * $0 } : factors[b]
          factors[b] = zip(old, new).map {
            options.β2 == 1 ? $0 + $1 : options.β2 * $0 + (1 - options.β2) * $1
          }
          let early = [1, 3, 7, 15, 31].filter { $0 + 1 < options.every }
          guard t >= options.start, (t - options.start) % options.every == 0 || early.contains(t - options.start)
          else { continue }
          let correction = options.corrects && options.β2 < 1 ? 1 / (1 - T.pow(options.β2, t)) : 1
          let p = options.exponent > 0 ? options.exponent : 1 / (2 * T(shape.count))
          roots[b] = factors[b].map { factor in
            (correction * factor).mapEigenvalues { λ, all in
              let x = max(λ, 0) + (options.isRelative ? options.ε * all.max()! : options.ε)
              return x == 0 ? 0 : T.pow(x, -p)
            }
          }
        }
        for i in m.indices { m[i] = options.β1 * m[i] + (1 - options.β1) * g[i] }
        let correction = options.corrects && options.β1 > 0 ? 1 / (1 - T.pow(options.β1, t)) : 1
        let mean = m.map { correction * $0 }
        var grafted = mean
        if !["", "sgd"].contains(options.grafting) {
          let isSum = options.grafting == "adagrad"
          let graftβ2 = options.graftβ2
          for i in v.indices {
            v[i] = (isSum ? 1 : graftβ2) * v[i] + (isSum ? 1 : 1 - graftβ2) * mean[i] * mean[i]
            let hat = options.grafting == "adam" && options.corrects ? v[i] / (1 - T.pow(graftβ2, t)) : v[i]
            grafted[i] = ratio(mean[i], T.sqrt(hat) + options.graftε)
          }
        }
        var step = grafted
        if t >= options.start {
          for (b, block) in Tensor(shape: shape, values: mean).blocks(options.cuts ? options.limit : .max).enumerated()
          {
            var part = block.part
            for mode in part.shape.indices { part = part.multiplied(by: roots[b][mode], mode) }
            var factor: T = 1
            if options.grafting != "" {
              factor = ratio(norm(block.positions.map { grafted[$0] }), norm(part.values))
            }
            for (position, value) in zip(block.positions, part.values) { step[position] = factor * value }
          }
        }
        if options.μ > 0 {
          for i in step.indices {
            buffer[i] = options.μ * buffer[i] + step[i]
            step[i] = options.nesterov ? step[i] + options.μ * buffer[i] : buffer[i]
          }
        }
        return zip(θ, step).map { $0 - options.α * $1 }
      }
    }
  }
}
