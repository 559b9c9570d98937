import Descent
import RealModule
import Testing

@Suite struct SM3Tests: MethodTests {
  static func cases<T: ReferenceScalar>() -> [MethodCase<T>] {
    [
      MethodCase("sm3", dependsOnθ: false, model: TensorReference.sm3(α: w(0.1), β: w(0.9))),
      MethodCase(
        "sm3", ["learningRate": "0.5", "momentum": "0", "epsilonRoot": "1e-8"], dependsOnθ: false,
        model: TensorReference.sm3(α: w(0.5), ε: w(1e-8))),
      MethodCase(
        "sm3", ["variant": "I", "momentum": "0.5"], dependsOnθ: false,
        model: TensorReference.sm3(α: w(0.1), β: w(0.5), isFirst: true)),
    ]
  }

  @Test func accumulatorsBoundAdaGradsFromAboveAndThoseOfTheFirstVariantTheSeconds() throws {
    // Without momentum a step is α g / √ν: √ν = |g / Δ|.
    func bounds(_ rule: some TensorRule<Double>) throws -> [[Double]] {
      let zero = ParameterVector<Double>(zeros: try ParameterLayout(claimShapes))
      var optimizer = try Optimizer(rule, for: zero)
      return try (1...40).map { t in
        var θ = zero
        let g = try randomModel(UInt64(t))
        try optimizer.step(&θ, gradient: g)
        return zip(g.values, θ.values).map { ($0 / $1) * ($0 / $1) }
      }
    }
    let second = try bounds(SM3<Double>(learningRate: 1, momentum: 0))
    let first = try bounds(SM3<Double>(learningRate: 1, momentum: 0, variant: .one))
    var sums = [Double](repeating: 0, count: 68)
    var isTight = 0
    for t in 1...40 {
      let g = try randomModel(UInt64(t)).values
      for i in sums.indices {
        sums[i] += g[i] * g[i]
        #expect(second[t - 1][i] >= sums[i] * (1 - 1e-12) && first[t - 1][i] >= second[t - 1][i] * (1 - 1e-12))
        // For a vector and a scalar the method is AdaGrad itself.
        if i >= 54 { #expect(abs(second[t - 1][i] - sums[i]) <= 1e-12 * sums[i]) }
        if second[t - 1][i] < first[t - 1][i] * 0.999 { isTight += 1 }
      }
    }
    #expect(isTight > 500)
  }
}

extension TensorReference {
  /// The indices of each element, row-major.
  static func indices(of shape: [Int]) -> [[Int]] {
    shape.reduce([[]]) { indices, extent in indices.flatMap { index in (0..<extent).map { index + [$0] } } }
  }

  static func sm3<T: Real & Sendable>(α: T, β: T = 0, ε: T = 0, isFirst: Bool = false) -> Model<T> {
    layerwise { count, shape in
      // A scalar is a vector of one element.
      (
        μ: (shape.isEmpty ? [1] : shape).map { Array(repeating: T.zero, count: $0) },
        m: Array(repeating: T.zero, count: count), indices: indices(of: shape.isEmpty ? [1] : shape)
      )
    } _: { _, g, θ, shape, s in
      func bound(_ i: Int) -> T { s.indices[i].enumerated().map { s.μ[$0.offset][$0.element] }.min()! }
      func largest(_ values: [T], over r: Int, _ k: Int) -> T {
        values.indices.filter { s.indices[$0][r] == k }.map { values[$0] }.max()!
      }
      var ν: [T]
      if isFirst {
        let squares = g.map { $0 * $0 }
        for r in s.μ.indices { for k in s.μ[r].indices { s.μ[r][k] += largest(squares, over: r, k) } }
        ν = g.indices.map(bound)
      } else {
        ν = g.indices.map { bound($0) + g[$0] * g[$0] }
        for r in s.μ.indices { for k in s.μ[r].indices { s.μ[r][k] = largest(ν, over: r, k) } }
      }
      for i in g.indices {
        s.m[i] = β * s.m[i] + (1 - β) * ratio(g[i], T.sqrt(ν[i] + ε))
        θ[i] -= α * s.m[i]
      }
    }
  }
}
