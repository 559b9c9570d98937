import RealModule

/// Methods that step each parameter separately, written from the papers' equations with explicit indices.
enum TensorReference {
  typealias Model<T> = @Sendable (_ gradients: [[[T]]], _ θ0: [[T]], _ shapes: [[Int]]) -> [[[T]]]

  /// θ after each step, where `step` changes one parameter.
  static func layerwise<T: Sendable, State>(
    _ initial: @escaping @Sendable (_ count: Int, _ shape: [Int]) -> State,
    _ step: @escaping @Sendable (_ t: Int, _ g: [T], _ θ: inout [T], _ shape: [Int], _ state: inout State) -> Void
  ) -> Model<T> {
    { gradients, θ0, shapes in
      var θ = θ0
      var states = zip(θ0, shapes).map { initial($0.count, $1) }
      return gradients.enumerated().map { i, g in
        for p in shapes.indices { step(i + 1, g[p], &θ[p], shapes[p], &states[p]) }
        return θ
      }
    }
  }

  static func norm<T: Real>(_ x: [T]) -> T { T.sqrt(x.reduce(0) { $0 + $1 * $1 }) }
  static func ratio<T: Real>(_ x: T, _ y: T) -> T { y == 0 ? 0 : x / y }

  static func lars<T: Real & Sendable>(
    α: T, η: T, μ: T, λ: T = 0, ε: T = 0, normOfSum: Bool = false, minimumRank: Int = 0
  ) -> Model<T> {
    layerwise { count, _ in
      Array(repeating: T.zero, count: count)
    } _: { _, g, θ, shape, v in
      let penalized = zip(g, θ).map { $0 + λ * $1 }
      var local = η * norm(θ) / ((normOfSum ? norm(penalized) : norm(g) + λ * norm(θ)) + ε)
      if norm(θ) == 0 || norm(normOfSum ? penalized : g) == 0 || shape.count < minimumRank { local = 1 }
      for i in g.indices {
        v[i] = μ * v[i] + α * local * penalized[i]
        θ[i] -= v[i]
      }
    }
  }

  static func lamb<T: Real & Sendable>(
    α: T, β1: T, β2: T, ε: T, λ: T = 0, bound: T? = nil, corrects: Bool = true, minimumRank: Int = 0
  ) -> Model<T> {
    layerwise { count, _ in
      (m: Array(repeating: T.zero, count: count), v: Array(repeating: T.zero, count: count))
    } _: { t, g, θ, shape, s in
      var r: [T] = []
      for i in g.indices {
        s.m[i] = β1 * s.m[i] + (1 - β1) * g[i]
        s.v[i] = β2 * s.v[i] + (1 - β2) * g[i] * g[i]
        let m = corrects ? s.m[i] / (1 - T.pow(β1, t)) : s.m[i]
        let v = corrects ? s.v[i] / (1 - T.pow(β2, t)) : s.v[i]
        r.append(ratio(m, T.sqrt(v) + ε) + λ * θ[i])
      }
      let φ = bound.map { min(norm(θ), $0) } ?? norm(θ)
      let trust = norm(θ) == 0 || norm(r) == 0 || shape.count < minimumRank ? 1 : φ / norm(r)
      for i in g.indices { θ[i] -= α * trust * r[i] }
    }
  }

  static func novoGrad<T: Real & Sendable>(
    α: T, β1: T, β2: T, ε: T, λ: T = 0, averages: Bool = false
  ) -> Model<T> {
    layerwise { count, _ in
      (m: Array(repeating: T.zero, count: count), v: T.zero)
    } _: { t, g, θ, _, s in
      let square = norm(g) * norm(g)
      s.v = t == 1 ? square : β2 * s.v + (1 - β2) * square
      for i in g.indices {
        let u = ratio(g[i], T.sqrt(s.v) + ε) + λ * θ[i]
        s.m[i] = β1 * s.m[i] + (averages ? 1 - β1 : 1) * u
        θ[i] -= α * s.m[i]
      }
    }
  }

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
  static func adafactor<T: Real & BinaryFloatingPoint & Sendable>(_ o: AdafactorOptions<T>) -> Model<T> {
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

  static func adaShift<T: Real & BinaryFloatingPoint & Sendable>(
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
