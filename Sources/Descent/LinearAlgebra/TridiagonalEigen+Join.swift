extension TridiagonalEigen {
  /// What is known of a part's halves: in their eigenvectors' basis the part is diag(d) + ρ z zᵀ.
  private struct Joint {
    let part: Part
    let middle: Int
    let ρ: Double
    /// Rows that take part, with rising d: no two d are nearly equal, and no z is nearly zero.
    var rows: [Int] = []
    var z: [Double] = []
    /// Rows that are eigenvectors already.
    var finished: [Int] = []
    /// Which halves a row reaches into.
    var isInTop, isInBottom: [Bool]
  }

  /// Makes the eigenvectors of a part from those of its halves, which the element β beside the diagonal couples.
  func join(_ part: Part, at middle: Int, _ β: Double) {
    let joint = deflate(part, middle, β)
    let (first, count) = (part.lowerBound, joint.rows.count)
    // Columns of S: rows of the upper half alone, of both, of the lower half alone.
    let both = joint.rows.indices.filter {
      joint.isInTop[joint.rows[$0] - first] && joint.isInBottom[joint.rows[$0] - first]
    }
    let upper = joint.rows.indices.filter { !joint.isInBottom[joint.rows[$0] - first] }
    let lower = joint.rows.indices.filter { !joint.isInTop[joint.rows[$0] - first] }
    let columns = upper + both + lower
    let saved = saveRows(joint, columns, upperCount: upper.count + both.count, lowerCount: both.count + lower.count)
    let finishedValues = joint.finished.map { diagonal[$0] }
    withTemporaryMemory(of: Double.self, count: count * count) { s in
      if count > 0 {
        let s = s.baseAddress!
        solve(joint, columns, into: s)
        let target = vectors + first * (n + 1)
        let (upperCount, lowerCount) = (upper.count + both.count, both.count + lower.count)
        let (upperWidth, lowerWidth) = (middle - first, part.upperBound - middle)
        multiply(s, count, 0, upperCount, saved.upper, upperWidth, into: target)
        multiply(s, count, upper.count, lowerCount, saved.lower, lowerWidth, into: target + upperWidth)
      }
    }
    for (i, value) in finishedValues.enumerated() {
      let row = first + count + i
      diagonal[row] = value
      (vectors + row * n + first).update(from: saved.finished + i * part.count, count: part.count)
    }
    let sorted = part.sorted { diagonal[$0] < diagonal[$1] }
    for (i, row) in zip(part, sorted) { order[i] = row }
  }

  /// Copies the rows that the product reads, and the finished ones, side by side, because their places will be
  /// overwritten.
  private func saveRows(
    _ joint: Joint, _ columns: [Int], upperCount: Int, lowerCount: Int
  ) -> (upper: UnsafePointer<Double>, lower: UnsafePointer<Double>, finished: UnsafePointer<Double>) {
    let part = joint.part
    let (first, upperWidth, lowerWidth) = (
      part.lowerBound, joint.middle - part.lowerBound, part.upperBound - joint.middle
    )
    let upper = memory + first * n
    let lower = upper + upperCount * upperWidth
    let finished = lower + lowerCount * lowerWidth
    for (i, column) in columns.prefix(upperCount).enumerated() {
      (upper + i * upperWidth).update(from: vectors + joint.rows[column] * n + first, count: upperWidth)
    }
    for (i, column) in columns.suffix(lowerCount).enumerated() {
      (lower + i * lowerWidth).update(from: vectors + joint.rows[column] * n + joint.middle, count: lowerWidth)
    }
    for (i, row) in joint.finished.enumerated() {
      (finished + i * part.count).update(from: vectors + row * n + first, count: part.count)
    }
    return (UnsafePointer(upper), UnsafePointer(lower), UnsafePointer(finished))
  }

  private func multiply(
    _ s: UnsafePointer<Double>, _ count: Int, _ column: Int, _ columns: Int, _ rows: UnsafePointer<Double>,
    _ width: Int, into target: UnsafeMutablePointer<Double>
  ) {
    Double.multiply(
      MatrixView(s + column, rows: count, columns: columns, rowStride: count, columnStride: 1),
      MatrixView(rows, rows: columns, columns: width), into: target, rowStride: n, part: .whole, adds: false,
      threads: threads)
  }

  /// Takes out rows that are nearly eigenvectors: rows whose z is nearly zero, and one of two rows with nearly equal
  /// d, after a rotation that makes its z zero.
  private func deflate(_ part: Part, _ middle: Int, _ β: Double) -> Joint {
    let first = part.lowerBound
    // ‖z‖ = 1.
    var z = part.map { row in
      row < middle ? vectors[row * n + middle - 1] : (β < 0 ? -1 : 1) * vectors[row * n + middle]
    }
    for i in z.indices { z[i] *= 0.5.squareRoot() }
    let ρ = 2 * β.magnitude
    var joint = Joint(
      part: part, middle: middle, ρ: ρ, isInTop: part.map { $0 < middle }, isInBottom: part.map { $0 >= middle })
    let largest = part.reduce(0) { Double.maximum($0, Double.maximum(diagonal[$1].magnitude, z[$1 - first].magnitude)) }
    let tolerance = 0x1p-50 * largest
    var last: Int?
    for row in merged(part, middle) {
      if ρ * z[row - first].magnitude <= tolerance {
        joint.finished.append(row)
        continue
      }
      guard let previous = last else {
        last = row
        continue
      }
      let (x, y) = (z[previous - first], z[row - first])
      let length = (x * x + y * y).squareRoot()
      let (c, s) = (y / length, -x / length)
      let gap = diagonal[row] - diagonal[previous]
      if (gap * c * s).magnitude <= tolerance {
        z[row - first] = length
        z[previous - first] = 0
        rotate(previous, row, c, s, in: part)
        let (d0, d1) = (diagonal[previous], diagonal[row])
        diagonal[previous] = d0 * (c * c) + d1 * (s * s)
        diagonal[row] = d0 * (s * s) + d1 * (c * c)
        joint.isInTop[row - first] = joint.isInTop[row - first] || joint.isInTop[previous - first]
        joint.isInBottom[row - first] = joint.isInBottom[row - first] || joint.isInBottom[previous - first]
        joint.finished.append(previous)
      } else {
        joint.rows.append(previous)
        joint.z.append(x)
      }
      last = row
    }
    if let last {
      joint.rows.append(last)
      joint.z.append(z[last - first])
    }
    return joint
  }

  private func rotate(_ p: Int, _ q: Int, _ c: Double, _ s: Double, in part: Part) {
    let (x, y) = (vectors + p * n, vectors + q * n)
    for k in part {
      let (xk, yk) = (x[k], y[k])
      x[k] = c * xk + s * yk
      y[k] = c * yk - s * xk
    }
  }

  /// The rows of both halves by rising d.
  private func merged(_ part: Part, _ middle: Int) -> [Int] {
    var rows: [Int] = []
    rows.reserveCapacity(part.count)
    var (i, j) = (part.lowerBound, middle)
    while i < middle || j < part.upperBound {
      if j == part.upperBound || i < middle && diagonal[order[i]] <= diagonal[order[j]] {
        rows.append(order[i])
        i += 1
      } else {
        rows.append(order[j])
        j += 1
      }
    }
    return rows
  }

  /// Puts the eigenvalues on the diagonal, from the part's first row on, and the eigenvectors of diag(d) + ρ z zᵀ into
  /// `s`, one a row, with their elements in the order of `columns`.
  private func solve(_ joint: Joint, _ columns: [Int], into s: UnsafeMutablePointer<Double>) {
    let count = joint.rows.count
    let d = joint.rows.map { diagonal[$0] }
    let squares = joint.z.map { $0 * $0 }
    let taskCount = (count + 31) / 32
    let threads = count < 64 ? 1 : threads
    func forEachRange(_ body: @escaping (Range<Int>) -> Void) {
      forEachTask(taskCount, threads: threads) { body($0 * 32..<min($0 * 32 + 32, count)) }
    }
    d.withUnsafeBufferPointer { d in
      squares.withUnsafeBufferPointer { squares in
        withTemporaryMemory(of: Double.self, count: count) { weights in
          let (d, weights) = (d.baseAddress!, weights.baseAddress!)
          let equation = SecularEquation(d, squares: squares.baseAddress!, ρ: joint.ρ, count: count)
          forEachRange { range in
            for j in range {
              diagonal[joint.part.lowerBound + j] = equation.root(j, differences: s + j * count)
            }
          }
          // The z for which the rounded roots are exact: with it the vectors are orthogonal.
          forEachRange { range in
            for i in range { weights[i] = -s[i * count + i] }
            for j in 0..<count {
              let row = s + j * count
              for i in range.clamped(to: 0..<j) { weights[i] *= row[i] / (d[i] - d[j]) }
              for i in range.clamped(to: (j + 1)..<max(count, j + 1)) { weights[i] *= row[i] / (d[i] - d[j]) }
            }
            for i in range { weights[i] = joint.z[i] < 0 ? -weights[i].squareRoot() : weights[i].squareRoot() }
          }
          forEachRange { range in
            withTemporaryMemory(of: Double.self, count: count) { vector in
              let vector = vector.baseAddress!
              for j in range {
                let row = s + j * count
                for i in 0..<count { vector[i] = weights[i] / row[i] }
                let factor = 1 / DenseLoops.dot(vector, vector, count: count).squareRoot()
                for (place, i) in columns.enumerated() { row[place] = factor * vector[i] }
              }
            }
          }
        }
      }
    }
  }
}
