import RealModule

/// Dense tensors, element by element.
struct Tensor<T: ReferenceScalar>: Sendable {
  let shape: [Int]
  var values: [T]

  /// The indices of the element at a position.
  static func indices(_ position: Int, _ shape: [Int]) -> [Int] {
    var rest = position
    var indices = [Int](repeating: 0, count: shape.count)
    for i in shape.indices.reversed() {
      indices[i] = rest % shape[i]
      rest /= shape[i]
    }
    return indices
  }

  static func position(_ indices: [Int], _ shape: [Int]) -> Int {
    zip(indices, shape).reduce(0) { $0 * $1.1 + $1.0 }
  }

  /// Hᵢⱼ = Σ x y over elements x with index i and y with index j on side `mode`, and equal indices on all other sides.
  func gram(_ mode: Int) -> Matrix<T> {
    var h = Array(repeating: Array(repeating: T(0), count: shape[mode]), count: shape[mode])
    for p in values.indices {
      var indices = Self.indices(p, shape)
      let i = indices[mode]
      for j in 0..<shape[mode] {
        indices[mode] = j
        h[i][j] += values[p] * values[Self.position(indices, shape)]
      }
    }
    return Matrix(h)
  }

  /// yᵢ = Σⱼ Pᵢⱼ xⱼ along side `mode`.
  func multiplied(by p: Matrix<T>, _ mode: Int) -> Self {
    var result = self
    for position in values.indices {
      var indices = Self.indices(position, shape)
      let i = indices[mode]
      var sum: T = 0
      for j in 0..<shape[mode] {
        indices[mode] = j
        sum += p.rows[i][j] * values[Self.position(indices, shape)]
      }
      result.values[position] = sum
    }
    return result
  }

  /// The elements of a block that begins at `origin` and has sides of at most `limit`, and their positions.
  func blocks(_ limit: Int) -> [(part: Self, positions: [Int])] {
    var groups: [[Int]: [Int]] = [:]
    for p in values.indices { groups[Self.indices(p, shape).map { $0 / limit }, default: []].append(p) }
    return groups.sorted { $0.key.lexicographicallyPrecedes($1.key) }.map { key, positions in
      let extents = zip(key, shape).map { min(limit, $1 - $0 * limit) }
      return (Self(shape: extents, values: positions.map { values[$0] }), positions)
    }
  }
}

extension Reference {
  typealias ModelPath<T> = @Sendable ([[[T]]], [[T]], [[Int]]) -> [[[T]]]

  /// Steps each parameter separately: for a shape, `make` returns a function that turns (t, g, θ) into the next θ.
  static func eachParameter<T: ReferenceScalar>(
    _ make: @escaping @Sendable (_ shape: [Int]) -> (_ t: Int, _ g: [T], _ θ: [T]) -> [T]
  ) -> ModelPath<T> {
    { gradients, θ0, shapes in
      let steps = shapes.map(make)
      var θ = θ0
      return gradients.enumerated().map { i, g in
        for p in shapes.indices { θ[p] = steps[p](i + 1, g[p], θ[p]) }
        return θ
      }
    }
  }
}
