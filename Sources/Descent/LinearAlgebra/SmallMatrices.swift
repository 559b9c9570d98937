/// Many small symmetric positive definite matrices at once: each element of a lane belongs to a matrix of its own, so that
/// every operation works at the lane's full width.
///
/// A matrix of order n is its lower triangle, row by row: element (i, j ≤ i) is lane i (i + 1) ÷ 2 + j. Meant for orders up
/// to about 32, where a lane's matrices fit the nearest caches; any order works.
///
/// Nothing depends on the lane that a matrix lies in, nor on its neighbours: where one is not positive definite, only its
/// own results mean nothing.
struct SmallMatrices<Scalar: LaneScalar> {
  typealias Lane = Scalar.Lane

  /// n.
  let order: Int

  /// Lanes of a triangle.
  @inline(__always) var laneCount: Int { order * (order + 1) / 2 }

  @inline(__always) private func row(_ i: Int) -> Int { i * (i + 1) / 2 }

  /// A ← (A − w A) + w x xᵀ: the next value of an average.
  @inline(__always)
  func average(_ a: UnsafeMutablePointer<Lane>, toward x: UnsafePointer<Lane>, weight: Scalar) {
    for i in 0..<order {
      let (row, factor) = (a + row(i), weight * x[i])
      for j in 0...i { row[j] = (row[j] - weight * row[j]) + factor * x[j] }
    }
  }

  /// Replaces A by L with A = L Lᵀ; on its diagonal are the reciprocals.
  ///
  /// Complexity: n³ ÷ 6 multiplications of lanes.
  /// - Returns: 1 for each matrix that is positive definite to rounding, 0 for the others.
  @inline(__always)
  func factor(_ a: UnsafeMutablePointer<Lane>) -> Lane {
    var isPositive = Lane(repeating: 1)
    let largest = Lane(repeating: Scalar.greatestFiniteMagnitude)
    for j in 0..<order {
      let pivots = a + row(j)
      var pivot = pivots[j]
      for k in 0..<j { pivot -= pivots[k] * pivots[k] }
      isPositive = Scalar.select(isPositive, .zero, wherePositive: pivot)
      isPositive = Scalar.select(isPositive, .zero, wherePositive: largest - pivot)
      let reciprocal = Lane(repeating: 1) / Scalar.squareRoot(pivot)
      pivots[j] = reciprocal
      var i = j + 1
      // Four rows at once share the pivot row's elements.
      while i + 4 <= order {
        let (r0, r1, r2, r3) = (a + row(i), a + row(i + 1), a + row(i + 2), a + row(i + 3))
        var (x, y, z, w) = (r0[j], r1[j], r2[j], r3[j])
        for k in 0..<j {
          let pivot = pivots[k]
          x -= r0[k] * pivot
          y -= r1[k] * pivot
          z -= r2[k] * pivot
          w -= r3[k] * pivot
        }
        (r0[j], r1[j], r2[j], r3[j]) = (x * reciprocal, y * reciprocal, z * reciprocal, w * reciprocal)
        i += 4
      }
      while i < order {
        let row = a + row(i)
        var x = row[j]
        for k in 0..<j { x -= row[k] * pivots[k] }
        row[j] = x * reciprocal
        i += 1
      }
    }
    return isPositive
  }

  /// Replaces b by A⁻¹ b for the L of ``factor(_:)``.
  @inline(__always)
  func solve(_ l: UnsafePointer<Lane>, _ b: UnsafeMutablePointer<Lane>) {
    for i in 0..<order {
      let row = l + row(i)
      var x = b[i]
      for k in 0..<i { x -= row[k] * b[k] }
      b[i] = x * row[i]
    }
    for i in (0..<order).reversed() {
      let row = l + row(i)
      let x = b[i] * row[i]
      b[i] = x
      for k in 0..<i { b[k] -= row[k] * x }
    }
  }

  /// Replaces the L of ``factor(_:)`` by A⁻¹, whose lower triangle it then is.
  ///
  /// Complexity: n³ ÷ 3 multiplications of lanes.
  @inline(__always)
  func invertFactored(_ l: UnsafeMutablePointer<Lane>) {
    // X = L⁻¹, row by row.
    withTemporaryMemory(of: Lane.self, count: order) { sums in
      let sums = sums.baseAddress!
      for i in 1..<max(order, 1) {
        let target = l + row(i)
        for j in 0..<i { sums[j] = .zero }
        for k in 0..<i {
          let (factor, source) = (target[k], l + row(k))
          for j in 0...k { sums[j] += factor * source[j] }
        }
        for j in 0..<i { target[j] = -target[i] * sums[j] }
      }
    }
    // Xᵀ X: row i needs the rows from i on.
    for i in 0..<order {
      let target = l + row(i)
      let diagonal = target[i]
      var j = 0
      while j + 4 <= i + 1 {
        var (x, y, z, w) = (
          diagonal * target[j], diagonal * target[j + 1], diagonal * target[j + 2], diagonal * target[j + 3]
        )
        for k in (i + 1)..<max(order, i + 1) {
          let source = l + row(k)
          let factor = source[i]
          x += factor * source[j]
          y += factor * source[j + 1]
          z += factor * source[j + 2]
          w += factor * source[j + 3]
        }
        (target[j], target[j + 1], target[j + 2], target[j + 3]) = (x, y, z, w)
        j += 4
      }
      while j <= i {
        var x = diagonal * target[j]
        for k in (i + 1)..<max(order, i + 1) { x += l[row(k) + i] * l[row(k) + j] }
        target[j] = x
        j += 1
      }
    }
  }

  /// y ← A x for a symmetric A; x and y do not overlap.
  @inline(__always)
  func multiply(_ a: UnsafePointer<Lane>, _ x: UnsafePointer<Lane>, into y: UnsafeMutablePointer<Lane>) {
    for i in 0..<order {
      let row = a + row(i)
      var sum = Lane.zero
      for j in 0..<i {
        sum += row[j] * x[j]
        y[j] += row[j] * x[i]
      }
      y[i] = sum + row[i] * x[i]
    }
  }
}

extension SmallMatrices<Double> {
  /// Replaces F by (F + λ I)⁻¹, with more damping where that is not positive definite to rounding, as ``DampedInverse``
  /// adds it: for each matrix alone.
  ///
  /// - Parameters:
  ///   - f: The triangle of F.
  ///   - limit: Bound of the inverse's elements.
  ///   - inverse: Replaced by that of the inverse; NaN where F has an element that is not a number.
  func invert(
    _ f: UnsafePointer<Lane>, damping λ: Double, limit: Double, into inverse: UnsafeMutablePointer<Lane>
  ) {
    var damping = Lane(repeating: λ)
    while true {
      inverse.update(from: f, count: laneCount)
      for i in 0..<order { inverse[row(i) + i] += damping }
      let isPositive = factor(inverse)
      var isRaised = false
      for lane in 0..<Double.laneWidth where isPositive[lane] == 0 && damping[lane].isFinite {
        guard (0..<laneCount).allSatisfy({ f[$0][lane].isFinite }) else { continue }
        let largest = (0..<order).reduce(0.0) { Double.maximum($0, f[row($1) + $1][lane]) }
        damping[lane] = DampedInverse.raised(damping[lane], order: order, largest: largest)
        isRaised = true
      }
      if isRaised { continue }
      invertFactored(inverse)
      for i in 0..<laneCount {
        // NaN where it is not positive definite: there F has elements that are not numbers.
        inverse[i] = inverse[i].limited(to: limit) + (isPositive - isPositive / isPositive)
      }
      return
    }
  }
}
