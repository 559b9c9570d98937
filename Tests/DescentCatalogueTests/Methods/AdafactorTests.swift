import Descent
import RealModule
import TestSupport
import Testing

@Suite struct AdafactorTests: MethodTests {
  static func cases<T: ReferenceScalar>() -> [MethodCase<T>] {
    func adafactor(_ change: (inout TensorReference.AdafactorOptions<T>) -> Void = { _ in }) -> TensorReference.Model<T>
    {
      var options = TensorReference.AdafactorOptions<T>(
        α: { _ in w(0.01) }, exponent: w(0.8), ε1: w(1e-30), ε2: w(1e-3))
      change(&options)
      return TensorReference.adafactor(options)
    }
    return [
      MethodCase("adafactor", dependsOnθ: true, model: adafactor()),
      MethodCase("adafactor", ["parameterScale": "false"], dependsOnθ: false, model: adafactor { $0.isScaled = false }),
      MethodCase(
        "adafactor",
        [
          "parameterScale": "false", "relativeStep": "false", "learningRate": "linear(0.1, to=0.01, over=100)",
          "momentum": "0.9", "decayExponent": "0.5", "clipThreshold": "0",
        ], dependsOnθ: false,
        model: adafactor {
          $0.isScaled = false
          $0.isRelative = false
          $0.α = { w(0.1) - (w(0.1) - w(0.01)) * min(1, T($0 - 1) / 100) }
          $0.β1 = w(0.9)
          $0.exponent = w(0.5)
          $0.d = nil
        }),
      MethodCase(
        "adafactor", ["epsilonForm": "floor", "epsilon1": "1e-3", "epsilon2": "0.5", "clipThreshold": "0.3"],
        dependsOnθ: true,
        model: adafactor {
          $0.isFloor = true
          $0.ε1 = w(1e-3)
          $0.ε2 = w(0.5)
          $0.d = w(0.3)
        }),
      MethodCase(
        "adafactor", ["factored": "largest", "minimumDimension": "4", "parameterScale": "false"], dependsOnθ: false,
        model: adafactor {
          $0.isScaled = false
          // None of the shapes checked here has two extents of at least 4.
          $0.axes = { _ in nil }
        }),
      MethodCase(
        "adafactor", ["factored": "none", "epsilonForm": "floor", "epsilon1": "1e-3", "parameterScale": "false"],
        dependsOnθ: false,
        model: adafactor {
          $0.isScaled = false
          $0.isFloor = true
          $0.ε1 = w(1e-3)
          $0.axes = { _ in nil }
        }),
      MethodCase(
        "adafactor", ["learningRate": "warmup(10000, 0.01)", "epsilon1": "0"], dependsOnθ: true,
        model: adafactor {
          $0.α = { w(0.01) * T($0) / 10_000 }
          $0.ε1 = 0
        }),
    ]
  }

  /// Shazeer & Stern, section 3: the factored estimate of a rank-one matrix is the matrix itself.
  @Test func isExactWhereTheSecondMomentsHaveRankOne() throws {
    func run(_ factored: Adafactor<Double>.Dimensions) throws -> ParameterVector<Double> {
      var θ = try randomModel(1)
      var optimizer = try Optimizer(Adafactor<Double>(factored: factored), for: θ)
      var signs = RandomStream(seed: 4, name: "signs")
      for t in 1...40 {
        var g = try randomModel(UInt64(t))
        // |g| = a bᵀ times a number for each step, with random signs.
        let values: [Double] = (0..<54).map { i in
          let size = Double(t * (1 + i / 9) * (1 + i % 9))
          return signs.uniform() < 0.5 ? -size : size
        }
        try g.assign(values, to: "matrix")
        try optimizer.step(&θ, gradient: g)
      }
      return θ
    }
    let (factored, full) = try (run(.last), run(.none))
    #expect(zip(factored.values, full.values).allSatisfy { abs($0 - $1) <= 1e-14 })
  }

  @Test func stepsAreAsLargeAsTheParameterAllows() throws {
    var θ = try randomModel(1)
    var optimizer = try Optimizer(Adafactor<Double>(), for: θ)
    for t in 1...60 {
      let before = θ
      let g = try randomModel(UInt64(t), scale: t % 9 == 0 ? 1e3 : 1)
      try optimizer.step(&θ, gradient: g)
      for (name, shape) in claimShapes {
        let root = Double(shape.reduce(1, *)).squareRoot()
        let scale = try max(1e-3, norm(before.values(of: name)) / root) * min(0.01, 1 / Double(t).squareRoot())
        let step = try change(before, θ, name)
        #expect(norm(step) / root <= scale * (1 + 1e-10))
        if t == 1, shape.count < 2 {
          // The first step of a vector is the sign of the gradient.
          let g = try g.values(of: name)
          #expect(zip(step, g).allSatisfy { step, g in abs(step - (g < 0 ? -scale : scale)) <= 1e-12 * scale })
        }
      }
    }
    // A matrix of zeros moves by ε₂.
    var zero = try ParameterVector<Double>([0, 0])
    var other = try Optimizer(Adafactor<Double>(), for: zero)
    try other.step(&zero, gradient: ParameterVector([1, -1]))
    #expect(zip(zero.values, [-1e-5, 1e-5]).allSatisfy { abs($0 - $1) < 1e-18 })
  }
}

extension TensorReference {
  struct AdafactorOptions<T: Real & Sendable>: Sendable {
    var α: @Sendable (Int) -> T
    var isRelative = true
    var isScaled = true
    var exponent: T
    var d: T? = 1
    var β1: T = 0
    var ε1: T
    var ε2: T
    var isFloor = false
    /// The dimensions of rows and columns.
    var axes: @Sendable ([Int]) -> (rows: Int, columns: Int)? = {
      $0.count < 2 ? nil : (rows: $0.count - 2, columns: $0.count - 1)
    }
  }

  /// R, C and V̂ are kept for every element: R's value is in its row's first column, C's in its column's first row.
  static func adafactor<T: ReferenceScalar>(_ o: AdafactorOptions<T>) -> Model<T> {
    layerwise { count, _ in
      let zeros = Array(repeating: T.zero, count: count)
      return (R: zeros, C: zeros, V: zeros, m: zeros)
    } _: { t, g, θ, shape, s in
      let n = g.count
      let β = 1 - T.pow(T(t), -o.exponent)
      let squares = g.map { $0 * $0 + (o.isFloor ? 0 : o.ε1) }
      var U: [T] = []
      if let axes = o.axes(shape) {
        let strides = shape.indices.map { shape[($0 + 1)...].reduce(1, *) }
        let (rows, columns) = (shape[axes.rows], shape[axes.columns])
        func row(_ i: Int) -> Int { i / strides[axes.rows] % rows }
        func column(_ i: Int) -> Int { i / strides[axes.columns] % columns }
        func rowPlace(_ i: Int) -> Int { i - column(i) * strides[axes.columns] }
        func columnPlace(_ i: Int) -> Int { i - row(i) * strides[axes.rows] }
        var rowSums = Array(repeating: T.zero, count: n)
        var columnSums = rowSums
        for i in 0..<n {
          rowSums[rowPlace(i)] += squares[i]
          columnSums[columnPlace(i)] += squares[i]
        }
        for i in 0..<n {
          s.R[i] = β * s.R[i] + (1 - β) * rowSums[i]
          s.C[i] = β * s.C[i] + (1 - β) * columnSums[i]
        }
        var totals = Array(repeating: T.zero, count: n)
        for i in 0..<n where column(i) == 0 { totals[columnPlace(i)] += s.R[i] }
        for i in 0..<n {
          let total = totals[rowPlace(columnPlace(i))]
          let (R, C) = (s.R[rowPlace(i)], s.C[columnPlace(i)])
          if o.isFloor {
            // As means: R / columns, C / rows, mean R = total / (rows columns).
            let (r, c) = (R / T(columns), C / T(rows))
            let V = r * c / max(total / T(rows * columns), o.ε1)
            U.append(ratio(g[i], max(T.sqrt(V), o.ε1)))
          } else {
            U.append(ratio(g[i], T.sqrt(ratio(R * C, total))))
          }
        }
      } else {
        for i in 0..<n {
          s.V[i] = β * s.V[i] + (1 - β) * squares[i]
          U.append(ratio(g[i], o.isFloor ? max(T.sqrt(s.V[i]), o.ε1) : T.sqrt(s.V[i])))
        }
      }
      let rms = norm(U) / T.sqrt(T(n))
      let clip = o.d.map { max(1, rms / $0) } ?? 1
      let ρ = o.isRelative ? min(o.α(t), 1 / T.sqrt(T(t))) : o.α(t)
      let α = o.isScaled ? max(o.ε2, norm(θ) / T.sqrt(T(n))) * ρ : ρ
      for i in 0..<n {
        s.m[i] = o.β1 * s.m[i] + (1 - o.β1) * α * U[i] / clip
        θ[i] -= s.m[i]
      }
    }
  }
}
