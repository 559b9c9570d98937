import Descent
import RealModule
import Testing

@Suite struct AdaShiftTests: MethodTests {
  static func cases<T: ReferenceScalar>() -> [MethodCase<T>] {
    [
      MethodCase(
        "adashift", dependsOnθ: false,
        model: TensorReference.adaShift(α: w(0.01), n: 10, β1: w(0.9), β2: w(0.999), ε: w(1e-8)) { squares in
          squares.map { _ in squares.max()! }
        }),
      MethodCase(
        "adashift", ["keep": "3", "spatial": "mean", "beta2": "0.9", "learningRate": "0.1"], dependsOnθ: false,
        model: TensorReference.adaShift(α: w(0.1), n: 3, β1: w(0.9), β2: w(0.9), ε: w(1e-8)) { squares in
          squares.map { _ in squares.reduce(0, +) / T(squares.count) }
        }),
      MethodCase(
        "adashift", ["keep": "1", "spatial": "identity", "beta1": "0", "epsilon": "0"], dependsOnθ: false,
        model: TensorReference.adaShift(α: w(0.01), n: 1, β1: 0, β2: w(0.999), ε: 0) { $0 }),
      MethodCase(
        "adashift", ["keep": "4", "spatial": "identity", "beta1": "1", "eps": "1e-3"], dependsOnθ: false,
        model: TensorReference.adaShift(α: w(0.01), n: 4, β1: 1, β2: w(0.999), ε: w(1e-3)) { $0 }),
    ]
  }

  /// The queue is filled with n different gradients. A peer that enqueues the first one twice divides by the root of a
  /// negative number.
  @Test(arguments: [1, 2, 10])
  func waitsForNGradientsAndThenDividesByTheFirst(n: Int) throws {
    for spatial in AdaShift<Double>.Spatial.allCases {
      let start = try ParameterVector<Double>([1])
      var θ = start
      var optimizer = try Optimizer(
        AdaShift<Double>(learningRate: 0.1, keep: n, spatial: spatial, epsilon: 0), for: θ)
      for t in 1...n {
        try optimizer.step(&θ, gradient: ParameterVector([Double(t + 1)]))
        #expect(θ == start)
      }
      try optimizer.step(&θ, gradient: ParameterVector([Double(n + 2)]))
      // g₂, …, gₙ₊₁ are 3, …, n + 2; g₁ is 2.
      let weights: [Double] = (0..<n).map { Double.pow(0.9, $0) }
      var m = 0.0
      for i in 0..<n { m += weights[i] * Double(n + 2 - i) }
      m /= weights.reduce(0, +)
      #expect(abs(1 - θ.values[0] - 0.1 * m / 2) < 1e-14)
      for t in 1...500 {
        try optimizer.step(&θ, gradient: ParameterVector([t % 3 == 0 ? 1 : -0.5]))
        #expect(θ.values[0].isFinite)
      }
    }
  }

  /// Reddi, Kale & Kumar's stochastic problem: the gradient is 1010 with probability 1/100 and −10 else, on [−1, 1];
  /// Adam goes to the worst point, +1.
  @Test func findsTheMinimumWhereAdamGoesToTheWorstPoint() throws {
    func run(_ step: (inout ParameterVector<Double>, ParameterVector<Double>) throws -> Void) throws -> Double {
      var x = try ParameterVector<Double>([0])
      var stream = RandomStream(seed: 1, name: "reddi")
      for _ in 1...30_000 {
        try step(&x, ParameterVector([stream.uniform() < 0.01 ? 1010 : -10]))
        try x.assign([min(1, max(-1, x.values[0]))], to: "x")
      }
      return x.values[0]
    }
    let zero = try ParameterVector<Double>([0])
    var adam = try Optimizer(Adam<Double>(learningRate: 0.01, beta1: 0, beta2: 0.9), for: zero)
    #expect(try run { try adam.step(&$0, gradient: $1) } > 0.9)
    var shift = try Optimizer(
      AdaShift<Double>(learningRate: 0.01, keep: 1, spatial: .identity, beta1: 0, beta2: 0.9), for: zero)
    #expect(try run { try shift.step(&$0, gradient: $1) } < -0.9)
  }
}

extension TensorReference {
  static func adaShift<T: ReferenceScalar>(
    α: T, n: Int, β1: T, β2: T, ε: T, _ φ: @escaping @Sendable ([T]) -> [T]
  ) -> Model<T> {
    layerwise { count, _ in
      (past: [[T]](), v: Array(repeating: T.zero, count: count))
    } _: { t, g, θ, _, s in
      s.past.append(g)
      guard t > n else { return }
      let squares = φ(s.past[t - 1 - n].map { $0 * $0 })
      let weights = (0..<n).map { $0 == 0 ? 1 : T.pow(β1, $0) }
      for i in g.indices {
        s.v[i] = β2 * s.v[i] + (1 - β2) * squares[i]
        var m: T = 0
        for k in 0..<n { m += weights[k] * s.past[t - 1 - k][i] }
        m /= weights.reduce(0, +)
        θ[i] -= α * ratio(m, T.sqrt(s.v[i] / (1 - T.pow(β2, t - n))) + ε)
      }
    }
  }
}
