import Descent
import RealModule
import TestSupport
import Testing

@Suite struct SOAPTests: MethodTests {
  static func cases<T: ReferenceScalar>() -> [MethodCase<T>] {
    func soap(
      _ options: KeyValuePairs<String, String> = [:], steps: Int = 24,
      _ change: (inout SOAPOptions<T>) -> Void = { _ in }
    ) -> MethodCase<T> {
      MethodCase("soap", options, dependsOnθ: false, steps: steps, model: Reference.soap(change))
    }
    return [
      soap(["maximumSide": "3", "oversized": "diagonal", "rotateVectors": "true"], steps: 48) {
        $0.limit = 3
        $0.rotatesVectors = true
      },
      soap(["oneSided": "true", "epsilon": "0.001", "preconditionEvery": "3", "form": "matrix", "lr": "0.1"]) {
        $0.oneSided = true
        $0.ε = w(0.001)
        $0.every = 3
        $0.isMatrix = true
        $0.α = w(0.1)
      },
      soap(
        [
          "skipFirst": "false", "beta1": "0.9", "beta2": "0.99", "shampooBeta": "0.8", "epsilonForm": "hat",
          "maximumSide": "3", "oversized": "diagonal",
        ]
      ) {
        $0.skips = false
        ($0.β1, $0.β2, $0.β) = (w(0.9), w(0.99), w(0.8))
        $0.isHat = true
        $0.limit = 3
      },
      soap(["biasCorrection": "false", "epsilon": "0.01", "oneSided": "true"]) {
        $0.corrects = false
        $0.ε = w(0.01)
        $0.oneSided = true
      },
    ]
  }

  /// θ after each step.
  private func path<Scalar: LaneScalar>(
    _ rule: SOAP<Scalar>, _ gradients: [[Scalar]], from start: [Scalar], shape: [Int]
  ) throws -> [[Scalar]] {
    var θ = ParameterVector<Scalar>(zeros: try ParameterLayout([("w", shape)]))
    try θ.assign(start, to: "w")
    var gradient = θ
    var optimizer = try Optimizer(rule, for: θ)
    return try gradients.map {
      try gradient.assign($0, to: "w")
      try optimizer.step(&θ, gradient: gradient)
      return θ.values
    }
  }

  private func gradients(_ count: Int, steps: Int) throws -> [[Double]] {
    try (0..<steps).map { try randomVector(count, seed: UInt64($0), of: Double.self).values }
  }

  @Test func withoutRotationsItIsAdam() throws {
    let gradients = try gradients(12, steps: 30)
    let rule = SOAP<Double>(learningRate: 0.01, skipFirst: false, maximumSide: 2, oversized: .diagonal)
    let found = try path(rule, gradients, from: Array(repeating: 0.5, count: 12), shape: [3, 4])
    let adam = Adam<Double>(learningRate: 0.01, beta1: 0.95, beta2: 0.95)
    let expected = try trajectory(of: adam, gradients: gradients, from: 0.5)
    for (a, b) in zip(found.joined(), expected.joined()) { #expect(abs(a - b) < 1e-15) }
  }

  @Test func theFirstGradientOnlyStartsTheBases() throws {
    let found = try path(SOAP<Double>(), gradients(20, steps: 2), from: Array(repeating: 1, count: 20), shape: [4, 5])
    #expect(found[0] == Array(repeating: 1, count: 20) && found[1] != found[0])
  }

  /// Rotating rows and columns of the gradients and of θ rotates the path.
  @Test func aRotatedProblemHasARotatedPath() throws {
    let n = 5
    let u = Matrix(try randomVector(n * n, seed: 91, of: Double.self).values, columns: n).orthogonalized
    let v = Matrix(try randomVector(n * n, seed: 92, of: Double.self).values, columns: n).orthogonalized
    let gradients = try gradients(n * n, steps: 35).map { Matrix($0, columns: n) }
    let rule = SOAP<Double>(learningRate: 0.1)
    let zero = [Double](repeating: 0, count: n * n)
    let plain = try path(rule, gradients.map(\.values), from: zero, shape: [n, n])
    let rotated = try path(rule, gradients.map { (u * $0 * v).values }, from: zero, shape: [n, n])
    for (a, b) in zip(plain, rotated) {
      for (x, y) in zip((u * Matrix(a, columns: n) * v).values, b) { #expect(abs(x - y) < 1e-9) }
    }
  }

  /// Rotates both sides, with bases of full rank from the first gradient on: parameters in Float against the equations
  /// in Double.
  @Test func bothSidesOfASquareMatrixFollowTheEquations() throws {
    let n = 5
    let gradients = try (0..<40).map { try randomVector(n * n, seed: UInt64($0), of: Float.self).values }
    let found = try path(
      SOAP<Float>(learningRate: 0.1), gradients, from: Array(repeating: 0, count: n * n), shape: [n, n])
    let reference: Reference.ModelPath<Double> = Reference.soap { $0.α = 0.1 }
    let exact = reference(
      gradients.map { [$0.map { Double($0) }] }, [Array(repeating: 0, count: n * n)], [[n, n]])
    for (a, b) in zip(found, exact) {
      for (x, y) in zip(a, b[0]) { #expect(abs(Double(x) - y) < 1e-6) }
    }
  }

  @Test func basesStayOrthogonal() throws {
    let layout = try ParameterLayout([("w", [6, 40])])
    var θ = ParameterVector<Float>(zeros: layout)
    var optimizer = try Optimizer(SOAP<Float>(preconditionEvery: 1), for: θ)
    for t in 0..<60 {
      var g = θ
      // Most gradients reach only a part of the longer side.
      let values: [Float] = try randomVector(240, seed: UInt64(t)).values
      try g.assign(values.indices.map { $0 % 40 < 30 ? values[$0] : 0 }, to: "w")
      try optimizer.step(&θ, gradient: g)
    }
    let bases = try #require(optimizer.checkpoint(θ).doubles["soap/bases/w"]).values
    for (q, n) in [(Matrix(Array(bases[..<36]), columns: 6), 6), (Matrix(Array(bases[36...]), columns: 40), 40)] {
      for (x, identity) in zip((q.transposed * q).values, Matrix<Double>.identity(n).values) {
        #expect(abs(x - identity) < 1e-13)
      }
    }
    // Elements that no gradient reached have not moved.
    #expect(θ.values.indices.allSatisfy { $0 % 40 < 30 || abs(θ.values[$0]) < 1e-6 })
  }

  /// Blocks are stepped like separate parameters.
  @Test func blocksAreParametersOfTheirOwn() throws {
    let gradients = try gradients(5 * 7, steps: 25)
    let rule = SOAP<Double>(learningRate: 0.1, maximumSide: 4, oversized: .blocks)
    let whole = try path(rule, gradients, from: Array(repeating: 0, count: 35), shape: [5, 7])
    for (rows, columns) in [(0..<4, 0..<4), (0..<4, 4..<7), (4..<5, 0..<4), (4..<5, 4..<7)] {
      func part(_ x: [Double]) -> [Double] { rows.flatMap { i in columns.map { x[i * 7 + $0] } } }
      let block = try path(
        SOAP<Double>(learningRate: 0.1), gradients.map(part), from: part(whole[0].map { _ in 0 }),
        shape: [rows.count, columns.count])
      #expect(whole.map(part) == block)
    }
  }
}

struct SOAPOptions<T: ReferenceScalar>: Sendable {
  var α: T = w(0.003)
  var (β1, β2, β): (T, T, T) = (w(0.95), w(0.95), w(0.95))
  var ε: T = w(1e-8)
  var isHat = false
  var corrects = true
  var every = 10
  var skips = true
  var isMatrix = false
  var limit = 10_000
  var oneSided = false
  var rotatesVectors = false
}

extension Reference {
  static func soap<T>(_ change: (inout SOAPOptions<T>) -> Void) -> ModelPath<T> {
    var o = SOAPOptions<T>()
    change(&o)
    let options = o
    return eachParameter { original in
      let shape =
        original.isEmpty
        ? [1] : options.isMatrix && original.count > 2 ? [original.dropLast().reduce(1, *), original.last!] : original
      var modes = shape.indices.filter { shape[$0] <= options.limit }
      if shape.count == 1 && !options.rotatesVectors { modes = [] }
      if shape.count == 2 && options.oneSided { modes = shape[0] <= shape[1] ? [0] : [1] }
      var m = Tensor(shape: shape, values: [T](repeating: 0, count: shape.reduce(1, *)))
      var v = m
      var factors: [Int: Matrix<T>] = [:]
      var bases = factors
      return { t, g, θ in
        let g = Tensor(shape: shape, values: g)
        func rotate(_ x: Tensor<T>, back: Bool = false) -> Tensor<T> {
          modes.reduce(x) { $0.multiplied(by: back ? bases[$1]! : bases[$1]!.transposed, $1) }
        }
        if t == 1 {
          for mode in modes {
            factors[mode] = (1 - options.β) * g.gram(mode)
            let (values, vectors) = factors[mode]!.eigen
            let order = values.indices.sorted { values[$0] > values[$1] }
            bases[mode] = Matrix(vectors.rows.map { row in order.map { row[$0] } })
          }
        }
        let step = options.skips ? t - 1 : t
        guard step > 0 else { return θ }
        let rotated = rotate(g)
        for i in m.values.indices {
          m.values[i] = options.β1 * m.values[i] + (1 - options.β1) * g.values[i]
          v.values[i] = options.β2 * v.values[i] + (1 - options.β2) * rotated.values[i] * rotated.values[i]
        }
        var direction = rotate(m)
        let mCorrection = options.corrects ? 1 - T.pow(options.β1, step) : 1
        let vCorrection = options.corrects ? 1 - T.pow(options.β2, step) : 1
        for i in m.values.indices {
          let x = direction.values[i] / mCorrection
          let root =
            options.isHat
            ? (T.sqrt(v.values[i]) + options.ε) / T.sqrt(vCorrection)
            : T.sqrt(v.values[i] / vCorrection) + options.ε
          direction.values[i] = ratio(x, root)
        }
        direction = rotate(direction, back: true)
        if t > 1 {
          for mode in modes { factors[mode] = options.β * factors[mode]! + (1 - options.β) * g.gram(mode) }
        }
        if step % options.every == 0 {
          for mode in modes {
            let (l, q) = (factors[mode]!, bases[mode]!)
            let n = shape[mode]
            let quotients = (q.transposed * l * q).rows
            let order = (0..<n).sorted { quotients[$0][$0] > quotients[$1][$1] }
            let trace = (0..<n).reduce(0) { $0 + l.rows[$1][$1] }
            let shifted = l + (trace / T(n) / T(1 << 30)) * Matrix<T>.identity(n)
            bases[mode] = Matrix((shifted * q).rows.map { row in order.map { row[$0] } }).orthogonalized
            let old = v.values
            for p in old.indices {
              var indices = Tensor<T>.indices(p, shape)
              indices[mode] = order[indices[mode]]
              v.values[p] = old[Tensor<T>.position(indices, shape)]
            }
          }
        }
        return zip(θ, direction.values).map { $0 - options.α * $1 }
      }
    }
  }
}
