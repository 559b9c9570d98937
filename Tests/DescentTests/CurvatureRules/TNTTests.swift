import TestSupport
import Testing

@testable import Descent

@Suite struct TNTTests {
  /// θ of one parameter after each step, in a wider type.
  private static func reference(
    _ rule: TNT<some LaneScalar>, _ p: SeenParameter, _ start: [Widest],
    _ gradients: [(given: [Widest], sampled: [Widest])]
  ) -> [[Widest]] {
    let (window, inputs, outputs) = (p.dims[0], p.dims[1], p.dims[2])
    // A tensor's element (a, b, c) is stored at places[(a · n₂ + b) · n₃ + c].
    var places: [Int] = []
    for w in 0..<window { for i in 0..<inputs { for o in 0..<outputs { places.append(p.index(w, i, o)) } } }
    let sides = rule.form == .matrix ? [1, window * inputs, outputs] : p.dims
    let size = places.count
    func position(_ mode: Int, _ index: Int, _ rest: Int) -> Int {
      switch mode {
      case 0: index * sides[1] * sides[2] + rest
      case 1: (rest / sides[2] * sides[1] + index) * sides[2] + rest % sides[2]
      default: rest * sides[2] + index
      }
    }
    // Sides of 1 do not count.
    let modes = (0..<3).filter { sides[$0] > 1 }
    let used = modes.isEmpty ? [2] : modes
    var h = sides.map { [Widest](repeating: 0, count: $0 * $0) }
    var inverses = h
    var (θ, m) = (start, start.map { _ in Widest(0) })
    let (μ, ρ, ε) = (Widest(rule.momentum), Widest(rule.decay), Widest(rule.damping))
    return gradients.enumerated().map { step, gradient in
      let t = step + 1
      for i in m.indices { m[i] = μ * m[i] + gradient.given[i] }
      let renews = renewals(at: t, statisticsInterval: rule.statisticsInterval, inverseInterval: rule.inverseInterval)
      if renews.statistics {
        let all = rule.labels == .sampled ? gradient.sampled : gradient.given
        let g = places.map { all[$0] }
        let decay = t == 1 ? 0 : ρ
        for mode in used {
          let n = sides[mode]
          for a in 0..<n {
            for b in 0..<n {
              var sum = Widest(0)
              for rest in 0..<(size / n) { sum += g[position(mode, a, rest)] * g[position(mode, b, rest)] }
              h[mode][a * n + b] = decay * h[mode][a * n + b] + (1 - decay) * sum
            }
          }
        }
      }
      if renews.inverses {
        for mode in used {
          let n = sides[mode]
          let trace = (0..<n).reduce(Widest(0)) { $0 + h[mode][$1 * n + $1] }
          let mean = trace / Widest(size)
          // c^(k−1) = mean^((k−1)/k).
          let power: Widest =
            switch used.count {
            case 1: 1
            case 2: mean.squareRoot()
            default: Self.cubeRoot(mean) * Self.cubeRoot(mean)
            }
          let divisor = power * Widest(size / n)
          inverses[mode] = widerInverse(
            (0..<(n * n)).map { h[mode][$0] / divisor + ($0 / n == $0 % n ? ε : 0) }, order: n)
        }
      }
      var x = places.map { m[$0] }
      for mode in used {
        let n = sides[mode]
        var y = x
        for rest in 0..<(size / n) {
          for a in 0..<n {
            y[position(mode, a, rest)] = (0..<n).reduce(0) {
              $0 + inverses[mode][a * n + $1] * x[position(mode, $1, rest)]
            }
          }
        }
        x = y
      }
      for (k, place) in places.enumerated() { θ[place] -= Widest(rule.learningRate(at: t)) * x[k] }
      return θ
    }
  }

  /// ∛x by Newton's method.
  private static func cubeRoot(_ x: Widest) -> Widest {
    var y: Widest = 1
    for _ in 0..<60 { y = (2 * y + x / (y * y)) / 3 }
    return y
  }

  /// Eleven steps of every kind of parameter. Each side magnifies rounding by at most H̃'s condition, about 10².
  @Test(arguments: TNTForm.allCases, CurvatureLabels.allCases)
  func followsItsEquations(form: TNTForm, labels: CurvatureLabels) throws {
    func check<Scalar: LaneScalar>(_: Scalar.Type, bound: Double) throws {
      for (statisticsInterval, inverseInterval) in [(1, 1), (2, 5), (4, 3)] {
        let rule = TNT<Scalar>(
          learningRate: 0.001, momentum: 0.8, damping: 0.3, decay: 0.7, form: form,
          statisticsInterval: statisticsInterval,
          inverseInterval: inverseInterval, labels: labels)
        let layout = try SeenParameter.layout(SeenParameter.all)
        let path = try curvaturePath(rule, layout, steps: 11)
        let start = ParameterVector<Scalar>.normal(layout, seed: 0)
        let gradients: [TwoGradients<Scalar>] = (1...11).map { randomGradients(layout, $0) }
        for p in SeenParameter.all {
          let exact = Self.reference(
            rule, p, try start.values(of: p.name).map { Widest($0) },
            try gradients.map {
              (
                try $0.gradient.values(of: p.name).map { Widest($0) },
                try $0.sampled.values(of: p.name).map { Widest($0) }
              )
            })
          let error = try largestDifference(path, p.name, exact)
          #expect(error <= bound, "\(Scalar.self) \(p.name) \(statisticsInterval) \(inverseInterval): \(error)")
        }
      }
    }
    try check(Float.self, bound: 1e-5)
    try check(Double.self, bound: 1e-13)
  }

  /// One side: the full matrix's inverse. The first step is α g ÷ (‖g‖² + ε).
  @Test func oneSideIsTheFullMatrix() throws {
    let layout = try ParameterLayout([("bias", [6])])
    let path = try curvaturePath(TNT<Double>(learningRate: 0.5, labels: .given), layout, steps: 1)
    let g = (randomGradients(layout, 1) as TwoGradients<Double>).gradient.values
    let start = ParameterVector<Double>.normal(layout, seed: 0).values
    for i in 0..<6 { #expect(abs(path[0].values[i] - (start[i] - 0.5 * g[i] / (g.dot(g) + 0.1))) < 1e-14) }
  }

  /// G = u vᵀ, m×n: each factor has one direction, and the first step is G divided by both eigenvalues.
  @Test func aGradientOfRankOne() throws {
    let (u, v) = ([1.0, -2, 0.5], [0.3, 1, -1, 2])
    let g = try ParameterVectorOf.matrix(u, v)
    var θ = ParameterVector<Double>(zeros: g.layout)
    var optimizer = try Optimizer(TNT<Double>(learningRate: 1, damping: 0.1), for: θ)
    try optimizer.step(&θ, on: TwoGradients(gradient: g, sampled: g))
    // Both traces are s = ‖u‖² ‖v‖², c = √(s ÷ mn), and H̃'s eigenvalues s ÷ (c n) and s ÷ (c m).
    let s = u.dot(u) * v.dot(v)
    let c = (s / 12).squareRoot()
    let divisor = (s / (c * 4) + 0.1) * (s / (c * 3) + 0.1)
    for (x, g) in zip(θ.values, g.values) { #expect(abs(x + g / divisor) < 1e-14) }
  }

  /// Blocks of a long side are stepped as parameters of their own.
  @Test func longSidesAreCut() throws {
    let whole = try ParameterLayout([("w", [6, 4])])
    let parts = try ParameterLayout([("a", [4, 4]), ("b", [2, 4])])
    var (x, y) = (ParameterVector<Double>(zeros: whole), ParameterVector<Double>(zeros: parts))
    var cut = try Optimizer(TNT<Double>(maximumSide: 4), for: x)
    var apart = try Optimizer(TNT<Double>(), for: y)
    for t in 1...3 {
      let g: TwoGradients<Double> = randomGradients(whole, t)
      try cut.step(&x, on: g)
      func split(_ g: ParameterVector<Double>) throws -> ParameterVector<Double> {
        var split = ParameterVector<Double>(zeros: parts)
        try split.assign(Array(g.values[..<16]), to: "a")
        try split.assign(Array(g.values[16...]), to: "b")
        return split
      }
      try apart.step(&y, on: TwoGradients(gradient: split(g.gradient), sampled: split(g.sampled)))
      #expect(x.values == y.values)
    }
  }

  @Test func threadsChangeNoBit() throws {
    let layout = try GradientCurvatureProperties.layout()
    for maximumSide in [25, 1024] {
      let rule = TNT<Float>(maximumSide: maximumSide)
      let one = try curvaturePath(rule, layout, steps: 2)
      for threads in [2, 7] { #expect(try curvaturePath(rule, layout, steps: 2, threads: threads) == one) }
    }
  }

  @Test(arguments: TNTForm.allCases) func goesOnFromACheckpoint(form: TNTForm) throws {
    try GradientCurvatureProperties.expectResumes(TNT<Float>(form: form, inverseInterval: 4))
    try GradientCurvatureProperties.expectResumes(
      TNT<Double>(form: form, statisticsInterval: 2, inverseInterval: 4, labels: .given))
  }

  @Test(arguments: TNTForm.allCases) func largeGradientsStayFinite(form: TNTForm) throws {
    for labels in CurvatureLabels.allCases {
      let damping = labels == .given ? 0.1 : 1e-30
      try GradientCurvatureProperties.expectFinite(
        TNT<Float>(damping: damping, form: form, inverseInterval: 3, labels: labels))
      try GradientCurvatureProperties.expectFinite(
        TNT<Double>(damping: damping, form: form, inverseInterval: 3, labels: labels))
    }
  }

  @Test func warmStepsAverageTheFactors() throws {
    try GradientCurvatureProperties.expectWarmSteps {
      TNT<Double>(
        learningRate: 0.1, momentum: 0.5, damping: 0.2, decay: 0.9, statisticsInterval: 1, inverseInterval: 2,
        warmSteps: $0,
        labels: .given)
    }
    try GradientCurvatureProperties.expectResumes(TNT<Float>(warmSteps: 3))
  }

  @Test func asksForWhatItNeeds() throws {
    try GradientCurvatureProperties.expectQuestions { TNT<Double>(statisticsInterval: 3, labels: $0) }
  }

  @Test func memoryIsForetold() throws {
    let layout = try SeenParameter.layout(SeenParameter.all)
    let rule = TNT<Float>(labels: .given)
    let state = rule.initialState(for: ParameterVector(zeros: layout)).curvature
    let bytes = 8 * (state.factors.count + state.inverses.count) + 8 * layout.paddedCount
    #expect(rule.stateByteCount(of: layout) == Double(bytes))
  }
}

private enum ParameterVectorOf {
  /// u vᵀ.
  static func matrix(_ u: [Double], _ v: [Double]) throws -> ParameterVector<Double> {
    var matrix = ParameterVector<Double>(zeros: try ParameterLayout([("w", [u.count, v.count])]))
    try matrix.assign(u.flatMap { u in v.map { u * $0 } }, to: "w")
    return matrix
  }
}
