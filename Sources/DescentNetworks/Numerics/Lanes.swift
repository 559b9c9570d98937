import Descent

typealias Lane = SIMD16<Float>

/// Loops over arrays, a lane (16 elements) at a time.
///
/// Every function is inlined into its caller, so the closure's arithmetic becomes the loop's body.
enum Lanes {
  static let width = 16

  @inline(__always)
  static func load(_ elements: UnsafePointer<Float>, _ i: Int) -> Lane {
    UnsafeRawPointer(elements + i).loadUnaligned(as: Lane.self)
  }

  @inline(__always)
  static func load(_ elements: UnsafeMutablePointer<Float>, _ i: Int) -> Lane {
    UnsafeRawPointer(elements + i).loadUnaligned(as: Lane.self)
  }

  @inline(__always)
  static func store(_ lane: Lane, _ elements: UnsafeMutablePointer<Float>, _ i: Int) {
    UnsafeMutableRawPointer(elements + i).storeBytes(of: lane, as: Lane.self)
  }

  /// The `count` < 16 elements from `i` on, followed by `padding`.
  @inline(__always)
  static func load(_ elements: UnsafePointer<Float>, _ i: Int, count: Int, padding: Float = 0) -> Lane {
    var lane = Lane(repeating: padding)
    withUnsafeMutableBytes(of: &lane) { $0.baseAddress!.copyMemory(from: elements + i, byteCount: count * 4) }
    return lane
  }

  /// The elements from `i` on, with zeros from `limit` on.
  @inline(__always)
  static func load(_ elements: UnsafePointer<Float>, _ i: Int, limit: Int) -> Lane {
    i + width <= limit ? load(elements, i) : load(elements, i, count: limit - i)
  }

  /// Stores the first `count` < 16 elements.
  @inline(__always)
  static func store(_ lane: Lane, _ elements: UnsafeMutablePointer<Float>, _ i: Int, count: Int) {
    withUnsafeBytes(of: lane) {
      UnsafeMutableRawPointer(elements + i).copyMemory(from: $0.baseAddress!, byteCount: count * 4)
    }
  }

  /// x[i] ← body(i, x[i]) for the elements of `range`, rounded up to whole lanes: x must be a pooled buffer.
  @inline(__always)
  static func update(_ x: UnsafeMutablePointer<Float>, _ range: Range<Int>, _ body: (_ i: Int, _ x: Lane) -> Lane) {
    for i in stride(from: range.lowerBound, to: range.upperBound, by: width) { store(body(i, load(x, i)), x, i) }
  }

  /// x[i] ← body(i) for the elements of `range`, rounded up to whole lanes: x must be a pooled buffer.
  @inline(__always)
  static func fill(_ x: UnsafeMutablePointer<Float>, _ range: Range<Int>, _ body: (_ i: Int) -> Lane) {
    for i in stride(from: range.lowerBound, to: range.upperBound, by: width) { store(body(i), x, i) }
  }

  /// Σ body(i)[j] over the elements of `range`, in double precision; `body` is called once for each lane, with its
  /// start i.
  @inline(__always)
  static func sum(_ range: Range<Int>, _ body: (_ i: Int) -> Lane) -> Double {
    var low = SIMD8<Double>.zero
    var high = SIMD8<Double>.zero
    let whole = range.lowerBound + range.count / width * width
    for i in stride(from: range.lowerBound, to: whole, by: width) {
      let terms = body(i)
      low += SIMD8<Double>(terms.lowHalf)
      high += SIMD8<Double>(terms.highHalf)
    }
    var total = (low + high).sum()
    if whole < range.upperBound {
      let terms = body(whole)
      for j in 0..<(range.upperBound - whole) { total += Double(terms[j]) }
    }
    return total
  }

  /// The sum of a lane in double precision.
  @inline(__always)
  static func sum(_ lane: Lane) -> Double {
    (SIMD8<Double>(lane.lowHalf) + SIMD8<Double>(lane.highHalf)).sum()
  }
}

extension Lanes {
  /// x[r, c] ← body(x[r, c], v[c]) for a row-major matrix.
  @inline(__always)
  static func updateRows(
    _ x: UnsafeMutablePointer<Float>, rows: Int, columns: Int, with v: UnsafePointer<Float>,
    _ body: (_ x: Lane, _ v: Lane) -> Lane
  ) {
    let whole = columns / width * width
    for row in 0..<rows {
      let x = x + row * columns
      for i in stride(from: 0, to: whole, by: width) { store(body(load(x, i), load(v, i)), x, i) }
      if whole < columns {
        let rest = columns - whole
        store(body(load(x, whole, count: rest), load(v, whole, count: rest)), x, whole, count: rest)
      }
    }
  }

  /// g[r, c] ← body(g[r, c], y[r, c]) for the columns `range` of row-major matrices, and adds each column's sum to `sums`.
  @inline(__always)
  static func updateRows(
    _ g: UnsafeMutablePointer<Float>, rows: Int, columns: Int, in range: Range<Int>, with y: UnsafePointer<Float>,
    columnSums sums: UnsafeMutablePointer<Float>, _ body: (_ g: Lane, _ y: Lane) -> Lane
  ) {
    let whole = range.lowerBound + range.count / width * width
    let rest = range.upperBound - whole
    for row in 0..<rows {
      let g = g + row * columns
      let y = y + row * columns
      for i in stride(from: range.lowerBound, to: whole, by: width) {
        let value = body(load(g, i), load(y, i))
        store(value, g, i)
        store(load(sums, i) + value, sums, i)
      }
      if rest > 0 {
        let value = body(load(g, whole, count: rest), load(y, whole, count: rest))
        store(value, g, whole, count: rest)
        store(load(sums, whole, count: rest) + value, sums, whole, count: rest)
      }
    }
  }

  @inline(__always)
  static func load(_ elements: UnsafeMutablePointer<Float>, _ i: Int, count: Int) -> Lane {
    load(UnsafePointer(elements), i, count: count)
  }
}
