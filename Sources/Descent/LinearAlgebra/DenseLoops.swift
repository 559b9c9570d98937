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

  /// y ← (y − w y) + w x: an average's next value.
  @inline(__always)
  static func average(_ x: UnsafePointer<Double>, into y: UnsafeMutablePointer<Double>, weight w: Double, count: Int) {
    for i in 0..<count { y[i] = (y[i] - w * y[i]) + w * x[i] }
  }

  /// y ← (y − w y) + w x²: the next value of an average of squares.
  @inline(__always)
  static func averageSquares(
    _ x: UnsafePointer<Double>, into y: UnsafeMutablePointer<Double>, weight w: Double, count: Int
  ) {
    for i in 0..<count { y[i] = (y[i] - w * y[i]) + w * (x[i] * x[i]) }
  }

  /// Calls `body` with each lane of `x`, which it may change, and of `y`. Beyond the end a lane is zero.
  @inline(__always)
  static func forEachLane(
    _ x: UnsafeMutablePointer<Double>, _ y: UnsafePointer<Double>, count: Int,
    _ body: (inout Double.Lane, Double.Lane) -> Void
  ) {
    for i in stride(from: 0, to: count, by: Double.laneWidth) {
      var lane = Double.load(x + i, count: count - i)
      body(&lane, Double.load(y + i, count: count - i))
      Double.store(lane, to: x + i, count: count - i)
    }
  }

  /// The transpose of a row-major m×n matrix.
  static func transposed(_ x: [Double], rows m: Int, columns n: Int) -> [Double] {
    [Double](unsafeUninitializedCapacity: m * n) { y, count in
      if let y = y.baseAddress { Double.transpose(x, rowStride: n, rows: m, columns: n, into: y, rowStride: m) }
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
