import TestSupport
import Testing

@testable import Descent

@Suite struct MiniBlockFisherTests {
  /// The elements of each block of a parameter, by the text of ``MiniBlockFisher``; those of one output if averaged.
  private static func blocks(_ p: SeenParameter, _ denseBlocks: DenseBlocks) -> [[Int]] {
    let (window, inputs, outputs) = (p.dims[0], p.dims[1], p.dims[2])
    if p.axes == .roles([.window, .window, .output]) || p.shape.count > 2 {
      return (0..<inputs).flatMap { i in
        (0..<outputs).map { o in (0..<window).map { p.index($0, i, o) } }
      }
    }
    return denseBlocks == .rows
      ? (0..<outputs).map { o in (0..<inputs).map { p.index(0, $0, o) } }
      : (0..<inputs).map { i in (0..<outputs).map { p.index(0, i, $0) } }
  }

  /// θ of one parameter after each step, in a wider type.
  private static func reference(
    _ rule: MiniBlockFisher<some LaneScalar>, _ p: SeenParameter, _ start: [Widest],
    _ gradients: [(given: [Widest], sampled: [Widest])]
  ) -> [[Widest]] {
    let (μ, ρ, λ, β2) = (Widest(rule.momentum), Widest(rule.decay), Widest(rule.damping), Widest(rule.beta2))
    let α = Widest(rule.learningRate(at: 1))
    let blocks = p.isMatrix ? blocks(p, rule.blocks) : []
    let isAveraged = rule.blocks == .columnsAveraged && p.shape.count == 2
    let n = blocks.first?.count ?? 0
    let matrices = isAveraged ? 1 : blocks.count
    var f = Array(repeating: [Widest](repeating: 0, count: n * n), count: matrices)
    var inverses = f
    var (θ, m) = (start, start.map { _ in Widest(0) })
    var (v, power) = (m, Widest(1))
    return gradients.enumerated().map { step, gradient in
      let t = step + 1
      for i in m.indices { m[i] = μ * m[i] + gradient.given[i] }
      guard p.isMatrix else {
        power *= β2
        for i in m.indices {
          let u = (1 - μ) * m[i]
          v[i] = β2 * v[i] + (1 - β2) * u * u
          θ[i] -= α * u / ((v[i] / (1 - power)).squareRoot() + Widest(rule.epsilon))
        }
        return θ
      }
      let renews = renewals(at: t, statisticsInterval: rule.statisticsInterval, inverseInterval: rule.inverseInterval)
      if renews.statistics {
        let g = rule.labels == .sampled ? gradient.sampled : gradient.given
        let decay = t == 1 ? 0 : ρ
        for k in f.indices { f[k] = f[k].map { decay * $0 } }
        for (b, block) in blocks.enumerated() {
          let share = (1 - decay) / Widest(isAveraged ? blocks.count : 1)
          for i in 0..<n { for j in 0..<n { f[isAveraged ? 0 : b][i * n + j] += share * g[block[i]] * g[block[j]] } }
        }
      }
      if renews.inverses {
        inverses = f.map { f in
          widerInverse((0..<(n * n)).map { f[$0] + ($0 / n == $0 % n ? λ : 0) }, order: n)
        }
      }
      for (b, block) in blocks.enumerated() {
        let inverse = inverses[isAveraged ? 0 : b]
        for i in 0..<n {
          θ[block[i]] -= α * (0..<n).reduce(0) { $0 + inverse[i * n + $1] * m[block[$1]] }
        }
      }
      return θ
    }
  }

  /// Eleven steps of every kind of parameter. F's largest eigenvalue is at most 40 times its numbers' mean square, so
  /// that the errors are less than κ = 10³ units; in `Float`, those of the momentum.
  @Test(arguments: DenseBlocks.allCases, CurvatureLabels.allCases)
  func followsItsEquations(blocks: DenseBlocks, labels: CurvatureLabels) throws {
    func check<Scalar: LaneScalar>(_: Scalar.Type, bound: Double) throws {
      for (statisticsInterval, inverseInterval) in [(1, 1), (2, 5), (4, 3)] {
        let rule = MiniBlockFisher<Scalar>(
          learningRate: 0.01, momentum: 0.8, damping: 0.1, decay: 0.7, blocks: blocks,
          statisticsInterval: statisticsInterval,
          inverseInterval: inverseInterval, labels: labels, beta2: 0.95, epsilon: 1e-3)
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
    try check(Float.self, bound: 2e-5)
    try check(Double.self, bound: 1e-13)
  }

  /// With blocks of one element it is the diagonal method: θ − α m ÷ (F + λ), element by element.
  @Test func blocksOfOneElementAreTheDiagonal() throws {
    let layout = try ParameterLayout([("weight", [1, 9]), ("kernel", [1, 1, 3, 3])])
    let rule = MiniBlockFisher<Double>(
      learningRate: 0.1, momentum: 0.5, damping: 0.2, decay: 0.9, blocks: .rows, statisticsInterval: 1,
      inverseInterval: 1
    )
    let path = try curvaturePath(rule, layout, steps: 5)
    var θ = ParameterVector<Double>.normal(layout, seed: 0).values
    var (m, f) = (θ.map { _ in 0.0 }, θ.map { _ in 0.0 })
    for t in 1...5 {
      let g = (randomGradients(layout, t) as TwoGradients<Double>).gradient.values
      for i in θ.indices {
        m[i] = 0.5 * m[i] + g[i]
        f[i] = t == 1 ? g[i] * g[i] : 0.9 * f[i] + 0.1 * g[i] * g[i]
        θ[i] -= 0.1 * m[i] / (f[i] + 0.2)
      }
      for (x, y) in zip(path[t - 1].values, θ) { #expect(abs(x - y) <= 1e-14 * max(1, abs(y))) }
    }
  }

  /// With one block it is the full matrix. The first step is α g ÷ (‖g‖² + λ), by Sherman and Morrison.
  @Test(arguments: [7, 50]) func oneBlockIsTheFullMatrix(n: Int) throws {
    let layout = try ParameterLayout([("weight", [n, 1])])
    let rule = MiniBlockFisher<Double>(learningRate: 0.5, damping: 0.1, blocks: .rows)
    let path = try curvaturePath(rule, layout, steps: 1)
    let g = (randomGradients(layout, 1) as TwoGradients<Double>).gradient.values
    let start = ParameterVector<Double>.normal(layout, seed: 0).values
    for i in 0..<n {
      #expect(abs(path[0].values[i] - (start[i] - 0.5 * g[i] / (g.dot(g) + 0.1))) < 1e-13)
    }
    // One row for each output, one column for each input: the same matrix, seen from the other side.
    let columns = try curvaturePath(
      MiniBlockFisher<Double>(damping: 0.1, blocks: .columns), try ParameterLayout([("weight", [1, n])]), steps: 9)
    let averaged = try curvaturePath(
      MiniBlockFisher<Double>(damping: 0.1), try ParameterLayout([("weight", [1, n])]), steps: 9)
    for (x, y) in zip(columns[8].values, averaged[8].values) { #expect(abs(x - y) < 1e-13) }
  }

  @Test(arguments: DenseBlocks.allCases) func warmStepsAverageTheFisherMatrix(blocks: DenseBlocks) throws {
    try GradientCurvatureProperties.expectWarmSteps {
      MiniBlockFisher<Double>(
        learningRate: 0.1, momentum: 0.5, damping: 0.2, decay: 0.9, blocks: blocks, statisticsInterval: 1,
        inverseInterval: 2, warmSteps: $0, labels: .given)
    }
    try GradientCurvatureProperties.expectResumes(MiniBlockFisher<Float>(blocks: blocks, warmSteps: 3))
  }

  @Test(arguments: DenseBlocks.allCases) func threadsChangeNoBit(blocks: DenseBlocks) throws {
    let layout = try GradientCurvatureProperties.layout()
    let rule = MiniBlockFisher<Float>(blocks: blocks, statisticsInterval: 1, labels: .sampled)
    let one = try curvaturePath(rule, layout, steps: 2)
    for threads in [2, 7] { #expect(try curvaturePath(rule, layout, steps: 2, threads: threads) == one) }
  }

  @Test(arguments: DenseBlocks.allCases) func goesOnFromACheckpoint(blocks: DenseBlocks) throws {
    try GradientCurvatureProperties.expectResumes(
      MiniBlockFisher<Float>(blocks: blocks, inverseInterval: 4, labels: .sampled))
    try GradientCurvatureProperties.expectResumes(MiniBlockFisher<Double>(blocks: blocks, inverseInterval: 4))
  }

  @Test(arguments: DenseBlocks.allCases) func largeGradientsStayFinite(blocks: DenseBlocks) throws {
    for labels in CurvatureLabels.allCases {
      let damping = labels == .given ? 0.01 : 1e-30
      try GradientCurvatureProperties.expectFinite(
        MiniBlockFisher<Float>(damping: damping, blocks: blocks, inverseInterval: 3, labels: labels))
      try GradientCurvatureProperties.expectFinite(
        MiniBlockFisher<Double>(damping: damping, blocks: blocks, inverseInterval: 3, labels: labels))
    }
  }

  @Test func asksForWhatItNeeds() throws {
    try GradientCurvatureProperties.expectQuestions { MiniBlockFisher<Double>(statisticsInterval: 3, labels: $0) }
  }

  @Test func memoryIsForetold() throws {
    let layout = try SeenParameter.layout(SeenParameter.all)
    for blocks in DenseBlocks.allCases {
      let rule = MiniBlockFisher<Float>(blocks: blocks, labels: .sampled)
      let state = rule.initialState(for: ParameterVector(zeros: layout)).curvature
      let bytes = 8 * (state.factors.count + state.inverses.count) + 12 * layout.paddedCount
      #expect(rule.stateByteCount(of: layout) == Double(bytes))
    }
  }
}
