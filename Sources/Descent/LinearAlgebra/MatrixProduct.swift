/// The product of two matrices in blocks that fit the caches.
///
/// Each element is the sum of its terms in rising order, in blocks of 256 whose sums are added in rising order: the
/// bits depend on the shapes alone.
enum MatrixProduct<Scalar: LaneScalar> {
  typealias Lane = Scalar.Lane

  /// Rows of a tile; with a lane's elements for its columns, a tile fits the registers of the smallest instruction set.
  private static var tileRows: Int { 2 }
  /// Terms of a sum that are computed at once.
  private static var depth: Int { 256 }
  /// Rows of A that are packed at once.
  private static var blockRows: Int { 128 }

  /// C ← A B, where C is row-major and overlaps neither A nor B. If the product is known to be symmetric, half of it is
  /// computed.
  @inline(__always)
  static func multiply(
    _ a: MatrixView<Scalar>, _ b: MatrixView<Scalar>, into c: UnsafeMutablePointer<Scalar>, isSymmetric: Bool
  ) {
    precondition(
      a.columns == b.rows && (!isSymmetric || a.rows == b.columns),
      "\(a.rows)×\(a.columns) and \(b.rows)×\(b.columns) have no\(isSymmetric ? " symmetric" : "") product")
    let (m, n, k) = (a.rows, b.columns, a.columns)
    let width = Scalar.laneWidth
    guard k > 0 else { return c.update(repeating: 0, count: m * n) }
    let panels = (n + width - 1) / width
    let depth = min(depth, k)
    let packedA = UnsafeMutablePointer<Scalar>.allocate(capacity: blockRows * depth)
    let packedB = UnsafeMutableRawPointer.allocate(byteCount: panels * depth * MemoryLayout<Lane>.stride, alignment: 64)
      .bindMemory(to: Lane.self, capacity: panels * depth)
    defer {
      packedA.deallocate()
      packedB.deallocate()
    }
    for k0 in stride(from: 0, to: k, by: depth) {
      let terms = min(depth, k - k0)
      packColumns(of: b, from: k0, terms, into: packedB)
      for i0 in stride(from: 0, to: m, by: blockRows) {
        let rows = min(blockRows, m - i0)
        packRows(of: a, i0, rows, from: k0, terms, into: packedA)
        for panel in 0..<panels {
          let j = panel * width
          // Of a symmetric product, what lies left of the diagonal is the mirror image of what lies above it.
          for i in stride(from: 0, to: isSymmetric ? min(rows, j + width - i0) : rows, by: tileRows) {
            tile(
              packedA + i * terms, packedB + panel * terms, terms, into: c + (i0 + i) * n + j, rowStride: n,
              rows: min(tileRows, rows - i), columns: min(width, n - j), isFirst: k0 == 0)
          }
        }
      }
    }
    guard isSymmetric else { return }
    for i in 0..<m {
      for j in 0..<i { c[i * n + j] = c[j * n + i] }
    }
  }

  /// Columns of B in lanes, one panel after the other; what exceeds B is zero.
  @inline(__always)
  private static func packColumns(
    of b: MatrixView<Scalar>, from k0: Int, _ terms: Int, into packed: UnsafeMutablePointer<Lane>
  ) {
    let width = Scalar.laneWidth
    let elements = UnsafeMutableRawPointer(packed).assumingMemoryBound(to: Scalar.self)
    for j0 in stride(from: 0, to: b.columns, by: width) {
      let panel = elements + j0 * terms
      let columns = min(width, b.columns - j0)
      if columns < width { panel.update(repeating: 0, count: terms * width) }
      let source = b.elements + k0 * b.rowStride + j0 * b.columnStride
      if b.columnStride == 1 {
        for p in 0..<terms { (panel + p * width).update(from: source + p * b.rowStride, count: columns) }
      } else {
        for j in 0..<columns {
          for p in 0..<terms { panel[p * width + j] = source[p * b.rowStride + j * b.columnStride] }
        }
      }
    }
  }

  /// Rows of A in groups of a tile's, term by term; what exceeds A is zero.
  @inline(__always)
  private static func packRows(
    of a: MatrixView<Scalar>, _ i0: Int, _ rows: Int, from k0: Int, _ terms: Int,
    into packed: UnsafeMutablePointer<Scalar>
  ) {
    for i in stride(from: 0, to: rows, by: tileRows) {
      let group = packed + i * terms
      for r in 0..<tileRows {
        let source = a.elements + (i0 + i + r) * a.rowStride + k0 * a.columnStride
        let isInside = i + r < rows
        for p in 0..<terms { group[p * tileRows + r] = isInside ? source[p * a.columnStride] : 0 }
      }
    }
  }

  @inline(__always)
  private static func tile(
    _ a: UnsafePointer<Scalar>, _ b: UnsafePointer<Lane>, _ terms: Int, into c: UnsafeMutablePointer<Scalar>,
    rowStride: Int, rows: Int, columns: Int, isFirst: Bool
  ) {
    var sum0 = Lane.zero
    var sum1 = Lane.zero
    for p in 0..<terms {
      let x = b[p]
      sum0 += a[2 * p] * x
      sum1 += a[2 * p + 1] * x
    }
    store(sum0, c, columns, isFirst)
    if rows > 1 { store(sum1, c + rowStride, columns, isFirst) }
  }

  @inline(__always)
  private static func store(_ sum: Lane, _ c: UnsafeMutablePointer<Scalar>, _ columns: Int, _ isFirst: Bool) {
    if columns == Scalar.laneWidth {
      let c = UnsafeMutableRawPointer(c)
      c.storeBytes(of: isFirst ? sum : c.loadUnaligned(as: Lane.self) + sum, as: Lane.self)
    } else {
      for j in 0..<columns { c[j] = isFirst ? sum[j] : c[j] + sum[j] }
    }
  }
}
