import RealModule

struct MuonOptions<T: Real & BinaryFloatingPoint & Sendable>: Sendable {
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

func muonCases<T: Real & BinaryFloatingPoint & Sendable>() -> [MethodCase<T>] {
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
        "asAdamW": "true", "adamLearningRate": "0.001", "adamBeta1": "0.8", "adamBeta2": "0.99", "adamEpsilon": "1e-8",
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
