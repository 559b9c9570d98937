import RealModule

struct SOAPOptions<T: Real & BinaryFloatingPoint & Sendable>: Sendable {
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

func soapCases<T: Real & BinaryFloatingPoint & Sendable>() -> [MethodCase<T>] {
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
