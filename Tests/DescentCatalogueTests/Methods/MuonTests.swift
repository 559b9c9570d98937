import Descent
import RealModule
import TestSupport
import Testing

@Suite struct MuonTests: MethodTests {
  static func cases<T: ReferenceScalar>() -> [MethodCase<T>] {
    func muon(
      _ options: KeyValuePairs<String, String> = [:], dependsOnθ: Bool = false, steps: Int = 40,
      _ change: (inout MuonOptions<T>) -> Void = { _ in }
    ) -> MethodCase<T> {
      MethodCase("muon", options, dependsOnθ: dependsOnθ, steps: steps, model: Reference.muon(change))
    }
    return [
      muon(steps: 200),
      muon(["buffer": "average", "scaling": "rms", "lr": "0.001"]) {
        $0.averages = true
        $0.scale = { w(0.2) * T.sqrt(T(max($0, $1))) }
        $0.α = w(0.001)
      },
      muon(["nesterov": "false", "momentum": "0.8", "scaling": "none"]) {
        $0.nesterov = false
        $0.μ = w(0.8)
        $0.scale = { _, _ in 1 }
      },
      muon(["nesterov": "false", "buffer": "average", "momentum": "0.9", "iterations": "3"]) {
        $0.nesterov = false
        $0.averages = true
        $0.μ = w(0.9)
        $0.iterations = 3
      },
      muon(["polynomial": "convergent", "iterations": "8", "epsilon": "0.01"]) {
        ($0.a, $0.b, $0.c) = (w(1.875), w(-1.25), w(0.375))
        $0.iterations = 8
        $0.ε = w(0.01)
      },
      muon(
        [
          "asAdamW": "true", "adamLearningRate": "0.001", "adamBeta1": "0.8", "adamBeta2": "0.99",
          "adamEpsilon": "1e-8",
          "adamWeightDecay": "0.1",
        ], dependsOnθ: true, steps: 200
      ) {
        $0.asAdamW = true
        $0.adamα = w(0.001)
        ($0.β1, $0.β2) = (w(0.8), w(0.99))
        $0.adamε = w(1e-8)
        $0.λ = w(0.1)
      },
    ]
  }

  /// −Δ of the first step of a matrix with gradient `g`, for α = 1. Its rows are the outputs.
  private func firstStep(
    _ rule: Muon<Double>, _ g: [Double], rows: Int, columns: Int
  ) throws -> [Double] {
    try firstStep(rule, g, of: ParameterLayout([("w", [rows, columns])], axes: .outputsFirst))
  }

  /// −Δ of the first step of the one parameter of `layout` with gradient `g`, for α = 1.
  private func firstStep(_ rule: Muon<Double>, _ g: [Double], of layout: ParameterLayout) throws -> [Double] {
    var θ = ParameterVector<Double>(zeros: layout)
    var gradient = θ
    try gradient.assign(g, to: layout.blocks[0].name)
    var rule = rule
    rule.learningRate = 1
    var optimizer = try Optimizer(rule, for: θ)
    try optimizer.step(&θ, gradient: gradient)
    return θ.values.map { -$0 }
  }

  private func singularValues(_ x: [Double], columns: Int) -> [Double] {
    let x = Matrix(x, columns: columns)
    let gram = x.count <= columns ? x * x.transposed : x.transposed * x
    return gram.eigen.values.map { max(0, $0).squareRoot() }
  }

  @Test(arguments: [(8, 24), (16, 16), (20, 12)])
  func singularValuesLandAroundOne(rows: Int, columns: Int) throws {
    let plain = Muon<Double>(scaling: .none)
    for seed in 0..<4 {
      let g = try randomVector(rows * columns, seed: UInt64(seed), of: Double.self).values
      let before = singularValues(g, columns: columns)
      let norm = before.reduce(0) { $0 + $1 * $1 }.squareRoot()
      let after = singularValues(try firstStep(plain, g, rows: rows, columns: columns), columns: columns)
      // Singular values below 0.003 times the norm may stay small.
      #expect(after.allSatisfy { $0 < 1.21 })
      if before.min()! > 0.003 * norm { #expect(after.allSatisfy { $0 > 0.68 }, "\(after)") }
    }
  }

  /// The scalar iteration on [0.0025, 1], the docstring's interval.
  @Test func thePolynomialsInterval() {
    for i in 1...4000 {
      var σ = 0.0025 + 0.9975 * Double(i) / 4000
      for _ in 0..<5 { σ = 3.4445 * σ - 4.7750 * σ * σ * σ + 2.0315 * σ * σ * σ * σ * σ }
      #expect(σ > 0.68 && σ < 1.21)
    }
  }

  @Test func anOrthogonalGradientKeepsItsDirection() throws {
    let n = 6
    let q = Matrix(try randomVector(n * n, seed: 5, of: Double.self).values, columns: n).orthogonalized.values
    let step = try firstStep(Muon(scaling: .none, epsilon: 0), q.map { 40 * $0 }, rows: n, columns: n)
    var σ = 1 / Double(n).squareRoot()
    for _ in 0..<5 { σ = 3.4445 * σ - 4.7750 * σ * σ * σ + 2.0315 * σ * σ * σ * σ * σ }
    for (x, q) in zip(step, q) { #expect(abs(x - σ * q) < 1e-13) }
  }

  @Test func theConvergentPolynomialGivesTheOrthogonalFactor() throws {
    let g = try randomVector(5 * 9, seed: 6, of: Double.self).values
    let step = Matrix(
      try firstStep(Muon(scaling: .none, iterations: 30, polynomial: .convergent), g, rows: 5, columns: 9), columns: 9)
    for (x, identity) in zip((step * step.transposed).values, Matrix<Double>.identity(5).values) {
      #expect(abs(x - identity) < 1e-13)
    }
    // U Vᵀ is the orthogonal matrix for which Gᵀ U Vᵀ is symmetric and has no negative eigenvalue.
    let product = step * Matrix(g, columns: 9).transposed
    for (a, b) in zip(product.values, product.transposed.values) { #expect(abs(a - b) < 1e-12) }
    #expect(product.eigen.values.min()! > 0)
  }

  @Test func aTallMatrixIsATransposedWideOne() throws {
    let g = try randomVector(4 * 11, seed: 7, of: Double.self).values
    let wide = Matrix(try firstStep(Muon(scaling: .none), g, rows: 4, columns: 11), columns: 11)
    let tall = try firstStep(Muon(), Matrix(g, columns: 11).transposed.values, rows: 11, columns: 4)
    for (a, b) in zip(tall, wide.transposed.values) { #expect(abs(a - (11.0 / 4).squareRoot() * b) < 1e-12) }
  }

  /// Shapes and axes of layers in this package, torch and others; each with its singular values, √max(1, outputs ÷
  /// inputs), and its numbers of inputs and outputs. If the first extent counted outputs, the kernel's step would have
  /// singular values from 0.115 to 0.957, and the step of the weight [128, 10] would have 3.578.
  static let layers: [(shape: [Int], axes: ParameterAxes, inputs: Int, outputs: Int)] = [
    ([128, 10], .outputsLast, 128, 10), ([10, 128], .outputsLast, 10, 128), ([10, 128], .outputsFirst, 128, 10),
    ([5, 5, 16, 32], .outputsLast, 400, 32), ([32, 16, 5, 5], .outputsFirst, 400, 32),
    ([5, 5, 1, 32], .outputsLast, 25, 32), ([16, 32, 3, 3], [.input, .output, .window, .window], 144, 32),
    ([24, 4, 5], [.input, .output, .output], 24, 20), ([4, 5, 30], [.input, .input, .output], 20, 30),
    ([3, 3, 16], [.window, .window, .output], 9, 16),
  ]

  @Test(arguments: layers)
  func outputsAreTheRowsThatAreMadeOrthogonal(
    shape: [Int], axes: ParameterAxes, inputs: Int, outputs: Int
  ) throws {
    let layout = try ParameterLayout([("w", shape, axes)])
    let g = try randomVector(inputs * outputs, seed: 9, of: Double.self).values
    // Element (output, input) of the matrix, from what each index counts.
    let roles = layout.blocks[0].axes
    func place(_ i: Int) -> (output: Int, input: Int) {
      var place = (output: 0, input: 0)
      for role in [AxisRole.window, .input, .output] {
        for (axis, index) in Tensor<Double>.indices(i, shape).enumerated() where roles[axis] == role {
          if role == .output {
            place.output = place.output * shape[axis] + index
          } else {
            place.input = place.input * shape[axis] + index
          }
        }
      }
      return place
    }
    for (scaling, s) in [
      (MuonScaling.spectral, max(1, Double(outputs) / Double(inputs)).squareRoot()),
      (.rms, 0.2 * Double(max(inputs, outputs)).squareRoot()), (.none, 1),
    ] {
      let step = try firstStep(Muon(scaling: scaling, iterations: 30, polynomial: .convergent), g, of: layout)
      var columns = Array(repeating: Array(repeating: 0.0, count: inputs), count: outputs)
      for (i, x) in step.enumerated() { columns[place(i).output][place(i).input] = x }
      if outputs > inputs {
        columns = (0..<inputs).map { input in columns.map { $0[input] } }
      }
      let values = SingularValues(columns: columns).values
      #expect(values.count == min(inputs, outputs))
      #expect(values.allSatisfy { abs($0 - s) < 1e-12 * s }, "\(scaling): \(values.last!) … \(values[0])")
    }
  }

  /// A parameter without inputs is not a matrix, however many extents it has.
  @Test func biasesAreAdamWs() throws {
    let g = try randomVector(12, seed: 10, of: Double.self).values
    let bias = try firstStep(Muon(), g, of: ParameterLayout([("b", [3, 4], [.output, .output])]))
    let vector = try firstStep(Muon(), g, of: ParameterLayout([("b", [12])]))
    #expect(bias == vector)
    #expect(try bias != firstStep(Muon(), g, of: ParameterLayout([("b", [3, 4])])))
  }

  @Test func sumsAndAveragesDifferByNothingButEpsilon() throws {
    func path(_ buffer: MuonBuffer) throws -> [Double] {
      var θ = ParameterVector<Double>(zeros: try ParameterLayout([("w", [5, 4])]))
      var g = θ
      var optimizer = try Optimizer(Muon(buffer: buffer, epsilon: 0), for: θ)
      for t in 0..<20 {
        try g.assign(randomVector(20, seed: UInt64(t), of: Double.self).values, to: "w")
        try optimizer.step(&θ, gradient: g)
      }
      return θ.values
    }
    for (a, b) in zip(try path(.sum), try path(.average)) { #expect(abs(a - b) < 1e-12) }
  }

  /// A group stepped by AdamW has the same bits as AdamW alone, also after a checkpoint.
  @Test func embeddingsByAdamW() throws {
    let layout = try ParameterLayout([("embedding", [6, 5]), ("hidden", [5, 5]), ("bias", [7])])
    var θ = ParameterVector<Float>(zeros: layout)
    for block in layout.blocks { try θ.assign(randomVector(block.count, seed: 8).values, to: block.name) }
    var expected = θ
    var g = θ
    let adam = AdamW<Float>(
      learningRate: 3e-4, beta2: 0.95, epsilon: 1e-10, weightDecay: 0.1, decayCoupling: .learningRate)
    var direct = try Optimizer(adam, for: expected)
    let rule = Muon<Float>(adamWeightDecay: 0.1)
    var optimizer = try Optimizer(rule, for: θ)
    try optimizer.group("embedding", options: [("asAdamW", "true")])
    for t in 0..<10 {
      for block in layout.blocks { try g.assign(randomVector(block.count, seed: UInt64(t)).values, to: block.name) }
      if t == 4 {
        let checkpoint = try optimizer.checkpoint(θ)
        optimizer = try Optimizer(rule, for: θ)
        try optimizer.restore(checkpoint, into: &θ)
      }
      try optimizer.step(&θ, gradient: g)
      try direct.step(&expected, gradient: g)
    }
    #expect(try θ.values(of: "embedding") == expected.values(of: "embedding"))
    #expect(try θ.values(of: "bias") == expected.values(of: "bias"))
    #expect(try θ.values(of: "hidden") != expected.values(of: "hidden"))
  }
}

struct MuonOptions<T: ReferenceScalar>: Sendable {
  var α: T = w(0.02)
  var μ: T = w(0.95)
  var nesterov = true
  var averages = false
  /// For a matrix of outputs × inputs.
  var scale: @Sendable (_ outputs: Int, _ inputs: Int) -> T = { T.sqrt(max(1, T($0) / T($1))) }
  var iterations = 5
  var (a, b, c): (T, T, T) = (w(3.4445), w(-4.7750), w(2.0315))
  var ε: T = w(1e-7)
  var asAdamW = false
  var adamα: T = w(3e-4)
  var (β1, β2): (T, T) = (w(0.9), w(0.95))
  var adamε: T = w(1e-10)
  var λ: T = 0
}

extension Reference {
  static func muon<T>(_ change: (inout MuonOptions<T>) -> Void) -> ModelPath<T> {
    var o = MuonOptions<T>()
    change(&o)
    let options = o
    return eachParameter { shape in
      var m = [T](repeating: 0, count: shape.reduce(1, *))
      var v = m
      guard shape.count >= 2, !options.asAdamW else {
        return { t, g, θ in
          θ.indices.map { i in
            m[i] = options.β1 * m[i] + (1 - options.β1) * g[i]
            v[i] = options.β2 * v[i] + (1 - options.β2) * g[i] * g[i]
            let (mHat, vHat) = (m[i] / (1 - T.pow(options.β1, t)), v[i] / (1 - T.pow(options.β2, t)))
            return θ[i] - options.adamα * (ratio(mHat, T.sqrt(vHat) + options.adamε) + options.λ * θ[i])
          }
        }
      }
      // The last extent counts outputs, so they are the rows of the transposed matrix.
      let outputs = shape.last!
      let inputs = m.count / outputs
      return { _, g, θ in
        for i in m.indices { m[i] = options.μ * m[i] + (options.averages ? 1 - options.μ : 1) * g[i] }
        let u = m.indices.map { i in
          !options.nesterov ? m[i] : (options.averages ? 1 - options.μ : 1) * g[i] + options.μ * m[i]
        }
        let norm = T.sqrt(u.reduce(0) { $0 + $1 * $1 })
        var x = Matrix(u.map { ratio($0, norm + options.ε) }, columns: outputs).transposed
        for _ in 0..<options.iterations {
          let gram = x * x.transposed
          x = options.a * x + (options.b * gram + options.c * (gram * gram)) * x
        }
        let α = options.α * options.scale(outputs, inputs)
        return zip(θ, x.transposed.values).map { $0 - α * $1 }
      }
    }
  }
}
