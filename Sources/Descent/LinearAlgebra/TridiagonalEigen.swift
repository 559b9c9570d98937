/// The eigenvalues and eigenvectors of a symmetric tridiagonal matrix, by dividing it in halves (Cuppen 1981; Gu &
/// Eisenstat 1995), and by QL iterations with implicit shifts where a part is small (Bowdler, Martin, Reinsch &
/// Wilkinson 1968).
///
/// Eigenvalues are exact relative to the largest one; eigenvectors are orthogonal to rounding, even if eigenvalues lie
/// close together.
struct TridiagonalEigen {
  /// A part of the matrix: where it begins, and its order.
  typealias Part = Range<Int>

  /// The longest part that is not divided.
  private static let largestLeaf = 32

  let n: Int
  let threads: Int
  /// The diagonal, which becomes the eigenvalues, and the elements beside it: element i couples i and i + 1.
  let diagonal, beside: UnsafeMutablePointer<Double>
  /// n×n: the eigenvectors of each part, one a row.
  let vectors: UnsafeMutablePointer<Double>
  /// n×n, for a part's rows while it is put together.
  let memory: UnsafeMutablePointer<Double>
  /// A part's rows in the order of rising eigenvalues.
  let order: UnsafeMutablePointer<Int>

  /// Makes `diagonal` the eigenvalues and the rows of `vectors` the eigenvectors, in no order. False if an eigenvalue
  /// does not converge: both are then useless.
  static func decompose(
    _ diagonal: inout [Double], _ beside: inout [Double], into vectors: UnsafeMutablePointer<Double>, threads: Int
  ) -> Bool {
    let n = diagonal.count
    vectors.update(repeating: 0, count: n * n)
    return diagonal.withUnsafeMutableBufferPointer { diagonal in
      beside.withUnsafeMutableBufferPointer { beside in
        withTemporaryMemory(of: Double.self, count: n * n) { memory in
          withTemporaryMemory(of: Int.self, count: n) { order in
            let solver = Self(
              n: n, threads: threads, diagonal: diagonal.baseAddress!, beside: beside.baseAddress!, vectors: vectors,
              memory: memory.baseAddress!, order: order.baseAddress!)
            return solver.solve(0..<n)
          }
        }
      }
    }
  }

  private func solve(_ part: Part) -> Bool {
    if part.count <= Self.largestLeaf { return iterate(part) }
    // To uncouple the halves, a matrix of rank one with the elements |β|, β, β and |β| is subtracted.
    let middle = part.lowerBound + part.count / 2
    let β = beside[middle - 1]
    diagonal[middle - 1] -= β.magnitude
    diagonal[middle] -= β.magnitude
    let halves = [part.lowerBound..<middle, middle..<part.upperBound]
    var areSolved = [false, false]
    areSolved.withUnsafeMutableBufferPointer { areSolved in
      let areSolved = areSolved.baseAddress!
      forEachTask(2, threads: part.count >= 256 ? threads : 1) { areSolved[$0] = solve(halves[$0]) }
    }
    guard areSolved == [true, true] else { return false }
    join(part, at: middle, β)
    return true
  }

  /// QL iterations, each on a piece without a zero beside its diagonal, until no element there matters.
  private func iterate(_ part: Part) -> Bool {
    for i in part { vectors[i * n + i] = 1 }
    for first in part {
      var iterations = 0
      while true {
        var last = first
        while last < part.upperBound - 1, matters(last) { last += 1 }
        if last == first { break }
        iterations += 1
        guard iterations <= 60 else { return false }
        sweep(first, last, of: part)
      }
    }
    let sorted = part.sorted { diagonal[$0] < diagonal[$1] }
    for (i, row) in zip(part, sorted) { order[i] = row }
    return true
  }

  private func matters(_ i: Int) -> Bool {
    beside[i].magnitude > max(0x1p-53 * (diagonal[i].magnitude + diagonal[i + 1].magnitude), 0x1p-500)
  }

  /// One QL step with Wilkinson's shift, whose bulge is chased from the last row to the first.
  private func sweep(_ first: Int, _ last: Int, of part: Part) {
    // A part's last element beside the diagonal couples it to the next part, which another thread may be solving: it
    // is not touched.
    if last < part.upperBound - 1 { beside[last] = 0 }
    let ratio = (diagonal[first + 1] - diagonal[first]) / (2 * beside[first])
    let root = (ratio * ratio + 1).squareRoot()
    var g = diagonal[last] - diagonal[first] + beside[first] / (ratio + (ratio < 0 ? -root : root))
    var (s, c, shift) = (1.0, 1.0, 0.0)
    for i in (first..<last).reversed() {
      let f = s * beside[i]
      let b = c * beside[i]
      let r = (f * f + g * g).squareRoot()
      if i + 1 < last { beside[i + 1] = r }
      guard r > 0 else {
        // The matrix has split here.
        diagonal[i + 1] -= shift
        return
      }
      s = f / r
      c = g / r
      g = diagonal[i + 1] - shift
      let turned = (diagonal[i] - g) * s + 2 * c * b
      shift = s * turned
      diagonal[i + 1] = g + shift
      g = c * turned - b
      let (x, y) = (vectors + i * n, vectors + (i + 1) * n)
      for k in part {
        let (xk, yk) = (x[k], y[k])
        y[k] = s * xk + c * yk
        x[k] = c * xk - s * yk
      }
    }
    diagonal[first] -= shift
    beside[first] = g
  }
}
