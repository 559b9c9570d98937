/// Loops over contiguous Doubles, in an order that depends on their count alone.
enum DenseLoops {
  private typealias Lane = SIMD16<Double>

  /// Σ xᵢ yᵢ, in 16 partial sums.
  @inline(__always)
  static func dot(_ x: UnsafePointer<Double>, _ y: UnsafePointer<Double>, count: Int) -> Double {
    var sums = Lane.zero
    var i = 0
    while i + 16 <= count {
      sums += lane(x + i) * lane(y + i)
      i += 16
    }
    var sum = sums.sum()
    while i < count {
      sum += x[i] * y[i]
      i += 1
    }
    return sum
  }

  /// y ← y + s x.
  @inline(__always)
  static func add(_ x: UnsafePointer<Double>, times s: Double, to y: UnsafeMutablePointer<Double>, count: Int) {
    for i in 0..<count { y[i] += s * x[i] }
  }

  @inline(__always)
  private static func lane(_ x: UnsafePointer<Double>) -> Lane { UnsafeRawPointer(x).loadUnaligned(as: Lane.self) }

  /// The transpose of a row-major m×n matrix, made in squares that stay in the nearest cache.
  static func transposed(_ x: [Double], rows m: Int, columns n: Int) -> [Double] {
    [Double](unsafeUninitializedCapacity: m * n) { y, count in
      x.withUnsafeBufferPointer { x in
        forEachSquare(rows: m, columns: n) { i, j in y[j * m + i] = x[i * n + j] }
      }
      count = m * n
    }
  }

  /// Calls `body` with the row and the column of each element, in squares.
  @inline(__always)
  static func forEachSquare(rows m: Int, columns n: Int, _ body: (_ row: Int, _ column: Int) -> Void) {
    let side = 32
    for i0 in stride(from: 0, to: m, by: side) {
      for j0 in stride(from: 0, to: n, by: side) {
        for i in i0..<min(i0 + side, m) {
          for j in j0..<min(j0 + side, n) { body(i, j) }
        }
      }
    }
  }
}
