import Descent
import RealModule
import TestSupport
import Testing

/// The papers' claims about methods with norms and factors.
@Suite struct NormMethodClaims {
  private let shapes = [("matrix", [6, 9]), ("vector", [13]), ("scalar", [])]

  private func random(_ seed: UInt64, scale: Double = 1) throws -> ParameterVector<Double> {
    var vector = ParameterVector<Double>(zeros: try ParameterLayout(shapes))
    var stream = RandomStream(seed: seed, name: "claims")
    for (name, shape) in shapes {
      try vector.assign((0..<shape.reduce(1, *)).map { _ in scale * stream.normal() }, to: name)
    }
    return vector
  }

  private func norm(_ x: [Double]) -> Double { x.reduce(0) { $0 + $1 * $1 }.squareRoot() }

  private func change(
    _ a: ParameterVector<Double>, _ b: ParameterVector<Double>, _ name: String
  ) throws -> [Double] {
    try zip(a.values(of: name), b.values(of: name)).map { $0 - $1 }
  }

  @Test func theFirstStepOfLARSIsAShareOfTheParametersNormWhateverTheGradients() throws {
    for scale in [1e-6, 1, 1e8] {
      let start = try random(1)
      var θ = start
      var optimizer = try Optimizer(LARS<Double>(learningRate: 2, trustCoefficient: 0.01), for: θ)
      try optimizer.step(&θ, gradient: random(2, scale: scale))
      for (name, _) in shapes {
        let expected = try 2 * 0.01 * norm(start.values(of: name))
        #expect(try abs(norm(change(start, θ, name)) - expected) <= 1e-13 * expected)
      }
    }
  }

  @Test func everyStepOfLAMBIsAShareOfTheParametersNorm() throws {
    var θ = try random(1)
    var optimizer = try Optimizer(LAMB<Double>(learningRate: 0.01, weightDecay: 0.1), for: θ)
    for t in 1...50 {
      let before = θ
      try optimizer.step(&θ, gradient: random(UInt64(t), scale: t % 7 == 0 ? 1e4 : 1e-2))
      for (name, _) in shapes {
        let expected = try 0.01 * norm(before.values(of: name))
        #expect(try abs(norm(change(before, θ, name)) - expected) <= 1e-12 * expected)
      }
    }
  }

  @Test func novoGradsStepsDoNotDependOnTheGradientsScaleOfALayer() throws {
    func run(scale: Double) throws -> ParameterVector<Double> {
      var θ = try random(1)
      var optimizer = try Optimizer(NovoGrad<Double>(epsilon: 0), for: θ)
      for t in 1...30 {
        var g = try random(UInt64(t))
        try g.assign(try g.values(of: "matrix").map { scale * $0 }, to: "matrix")
        try optimizer.step(&θ, gradient: g)
      }
      return θ
    }
    // Scaling by a power of two changes no bit.
    #expect(try run(scale: 1) == run(scale: 0x1p-20))
  }

  @Test func sm3sAccumulatorsBoundAdaGradsFromAboveAndThoseOfTheFirstVariantTheSeconds() throws {
    // Without momentum a step is α g / √ν: √ν = |g / Δ|.
    func bounds(_ rule: some TensorRule<Double>) throws -> [[Double]] {
      let zero = ParameterVector<Double>(zeros: try ParameterLayout(shapes))
      var optimizer = try Optimizer(rule, for: zero)
      return try (1...40).map { t in
        var θ = zero
        let g = try random(UInt64(t))
        try optimizer.step(&θ, gradient: g)
        return zip(g.values, θ.values).map { ($0 / $1) * ($0 / $1) }
      }
    }
    let second = try bounds(SM3<Double>(learningRate: 1, momentum: 0))
    let first = try bounds(SM3<Double>(learningRate: 1, momentum: 0, variant: .one))
    var sums = [Double](repeating: 0, count: 68)
    var isTight = 0
    for t in 1...40 {
      let g = try random(UInt64(t)).values
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

  /// Shazeer & Stern, section 3: the factored estimate of a rank-one matrix is the matrix itself.
  @Test func adafactorIsExactWhereTheSecondMomentsHaveRankOne() throws {
    func run(_ factored: Adafactor<Double>.Dimensions) throws -> ParameterVector<Double> {
      var θ = try random(1)
      var optimizer = try Optimizer(Adafactor<Double>(factored: factored), for: θ)
      var signs = RandomStream(seed: 4, name: "signs")
      for t in 1...40 {
        var g = try random(UInt64(t))
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

  @Test func adafactorsStepsAreAsLargeAsTheParameterAllows() throws {
    var θ = try random(1)
    var optimizer = try Optimizer(Adafactor<Double>(), for: θ)
    for t in 1...60 {
      let before = θ
      let g = try random(UInt64(t), scale: t % 9 == 0 ? 1e3 : 1)
      try optimizer.step(&θ, gradient: g)
      for (name, shape) in shapes {
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

  /// The queue is filled with n different gradients. A peer that enqueues the first one twice divides by the root of a
  /// negative number.
  @Test(arguments: [1, 2, 10])
  func adaShiftWaitsForNGradientsAndThenDividesByTheFirst(n: Int) throws {
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
  @Test func adaShiftFindsTheMinimumWhereAdamGoesToTheWorstPoint() throws {
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

  @Test func theDelayedStepSizeDoesNotDependOnThePresentGradient() throws {
    func last(scale: Double) throws -> [Double] {
      var θ = ParameterVector<Double>(zeros: try ParameterLayout(shapes))
      var optimizer = try Optimizer(DelayedAdaGradNorm<Double>(exponentOffset: 0.1), for: θ)
      for t in 1...9 { try optimizer.step(&θ, gradient: random(UInt64(t))) }
      θ.setToZero()
      try optimizer.step(&θ, gradient: random(10, scale: scale))
      return θ.values
    }
    #expect(try zip(last(scale: 1), last(scale: 1024)).allSatisfy { 1024 * $0 == $1 })
  }

  /// Ward, Wu & Bottou: convergence for every b₀, even if the smoothness is unknown.
  @Test(arguments: [1e-3, 1, 100])
  func adaGradNormConvergesFromEveryStart(b0: Double) throws {
    var x = try ParameterVector<Double>([3, -2])
    var optimizer = try Optimizer(AdaGradNorm<Double>(initialNorm: b0), for: x)
    for _ in 1...20_000 {
      let value = x.values
      try optimizer.step(&x, gradient: ParameterVector([10 * value[0], value[1]]))
    }
    #expect(norm(x.values) < 1e-3)
  }
}
