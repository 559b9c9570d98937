import CLanes

/// Which elements of a product are computed.
public enum ProductPart: Sendable {
  case whole
  /// All, of a product that is known to be symmetric: half is computed, the other half mirrored.
  case symmetric
  /// Those on and above the diagonal. The elements below must not be read.
  case upper
}

/// The product of two matrices in blocks that fit the caches, and in tiles that fit the registers.
///
/// Each element is the sum of its terms in rising order, in blocks of 256 whose sums are added in rising order: the
/// bits depend on the shapes alone, not on the processor or the number of threads.
struct MatrixProduct<Scalar: LaneScalar> {
  private let a, b: MatrixView<Scalar>
  private let c: UnsafeMutablePointer<Scalar>
  private let rowStride: Int
  private let part: ProductPart
  private let adds: Bool
  private let threads: Int

  /// Terms of a sum that are computed at once.
  private static var depth: Int { 256 }
  /// Rows of A that one task works on: whole tiles on every processor.
  private static var blockRows: Int { 96 }
  /// Panels of B, each as wide as a tile, that one task works on.
  private static var blockPanels: Int { 32 }
  /// Products with fewer multiplications are computed by one thread: to wake others would take longer.
  private static var fewestForThreads: Int { 1 << 22 }
  private static var width: Int { Scalar.laneWidth }

  /// C ← A B or, if `adds`, C ← C + A B.
  @inline(__always)
  static func multiply(
    _ a: MatrixView<Scalar>, _ b: MatrixView<Scalar>, into c: UnsafeMutablePointer<Scalar>, rowStride: Int,
    part: ProductPart, adds: Bool, threads: Int
  ) {
    precondition(
      a.columns == b.rows && (part == .whole || a.rows == b.columns),
      "\(a.rows)×\(a.columns) and \(b.rows)×\(b.columns) have no\(part == .whole ? "" : " symmetric") product")
    let isSmall = a.rows * b.columns * a.columns < fewestForThreads
    let product = Self(
      a: a, b: b, c: c, rowStride: rowStride, part: part, adds: adds, threads: isSmall ? 1 : threads)
    product.compute()
    if part == .symmetric { product.mirror() }
  }

  @inline(__always)
  private func compute() {
    let (m, n, k) = (a.rows, b.columns, a.columns)
    guard m > 0 && n > 0 else { return }
    guard k > 0 else {
      if !adds { for i in 0..<m { (c + i * rowStride).update(repeating: 0, count: n) } }
      return
    }
    let panels = (n + Self.width - 1) / Self.width
    let groups = (panels + Self.blockPanels - 1) / Self.blockPanels
    let blocks = (m + Self.blockRows - 1) / Self.blockRows
    let depth = min(Self.depth, k)
    // Copies of A and then B, in the order in which the tiles read them.
    let (packsA, packsB) = (!Self.isReady(a, height: lanes_low_tile()), !Self.isReady(b.transposed, height: Self.width))
    let sizeOfA = packsA ? blocks * Self.blockRows * depth : 0
    let sizeOfB = packsB ? panels * Self.width * depth : 0
    let memory = UnsafeMutableRawPointer.allocate(
      byteCount: (sizeOfA + sizeOfB) * MemoryLayout<Scalar>.stride, alignment: 64)
    defer { memory.deallocate() }
    let packedA = memory.assumingMemoryBound(to: Scalar.self)
    let packedB = packedA + sizeOfA
    for k0 in stride(from: 0, to: k, by: Self.depth) {
      let terms = k0..<min(k0 + Self.depth, k)
      forEachTask(packsA ? blocks : 0, threads: threads) { block in
        forEachTile(rows(of: block)) { i, height in pack(a, i, height, terms, into: packedA + i * terms.count) }
      }
      forEachTask(packsB ? groups : 0, threads: threads) { group in
        for panel in group * Self.blockPanels..<min((group + 1) * Self.blockPanels, panels) {
          pack(b.transposed, panel * Self.width, Self.width, terms, into: packedB + panel * Self.width * terms.count)
        }
      }
      forEachTask(blocks * groups, threads: threads) { task in
        let rows = rows(of: task / groups)
        let first = task % groups * Self.blockPanels
        for panel in first..<min(first + Self.blockPanels, panels) {
          let j = panel * Self.width
          let right =
            packsB
            ? (UnsafePointer(packedB) + j * terms.count, Self.width)
            : (b.elements + k0 * b.rowStride + j, b.rowStride)
          forEachTile(rows) { i, height in
            // In a symmetric product, the part left of the diagonal mirrors the part above it.
            if part != .whole && i >= j + Self.width { return }
            let left =
              packsA
              ? (UnsafePointer(packedA) + i * terms.count, height)
              : (a.elements + k0 * a.columnStride + i, a.columnStride)
            tile(left, right, terms.count, i, j, height, adds: adds || k0 > 0)
          }
        }
      }
    }
  }

  /// Whether tiles may read a matrix in place: it fits a near cache, its columns have no gaps, and no tile exceeds
  /// them.
  private static func isReady(_ x: MatrixView<Scalar>, height: Int) -> Bool {
    x.rowStride == 1 && x.rows % height == 0 && x.rows * x.columns <= 1 << 15
  }

  private func rows(of block: Int) -> Range<Int> {
    block * Self.blockRows..<min((block + 1) * Self.blockRows, a.rows)
  }

  /// Calls `body` with the first row of each tile, and how many it has.
  @inline(__always)
  private func forEachTile(_ rows: Range<Int>, _ body: (_ row: Int, _ height: Int) -> Void) {
    let (high, low) = (lanes_high_tile(), lanes_low_tile())
    var i = rows.lowerBound
    while i < rows.upperBound {
      let height = rows.upperBound - i >= high ? high : low
      body(i, height)
      i += height
    }
  }

  /// Copies some rows of a matrix column by column, with zeros beyond the matrix.
  @inline(__always)
  private func pack(
    _ x: MatrixView<Scalar>, _ i: Int, _ height: Int, _ terms: Range<Int>, into packed: UnsafeMutablePointer<Scalar>
  ) {
    let rows = min(height, x.rows - i)
    if rows < height { packed.update(repeating: 0, count: terms.count * height) }
    let source = x.elements + i * x.rowStride + terms.lowerBound * x.columnStride
    if x.columnStride == 1 {
      Scalar.transpose(
        source, rowStride: x.rowStride, rows: rows, columns: terms.count, into: packed, rowStride: height)
    } else {
      for p in 0..<terms.count {
        let (column, place) = (source + p * x.columnStride, packed + p * height)
        for r in 0..<rows { place[r] = column[r * x.rowStride] }
      }
    }
  }

  /// The tile of C whose first element is (i, j).
  @inline(__always)
  private func tile(
    _ a: (UnsafePointer<Scalar>, stride: Int), _ b: (UnsafePointer<Scalar>, stride: Int), _ terms: Int,
    _ i: Int, _ j: Int, _ height: Int, adds: Bool
  ) {
    let width = Self.width
    let (rows, columns) = (min(height, self.a.rows - i), min(width, self.b.columns - j))
    let place = c + i * rowStride + j
    if rows == height && columns == width {
      return Scalar.multiplyTile(a, b, rows: height, terms: terms, into: place, rowStride: rowStride, adds: adds)
    }
    // At an edge the tile is computed beside the matrix.
    withTemporaryMemory(of: Scalar.self, count: height * width) { whole in
      let whole = whole.baseAddress!
      Scalar.multiplyTile(a, b, rows: height, terms: terms, into: whole, rowStride: width, adds: false)
      for r in 0..<rows {
        let (row, sums) = (place + r * rowStride, whole + r * width)
        for s in 0..<columns { row[s] = adds ? row[s] + sums[s] : sums[s] }
      }
    }
  }

  @inline(__always)
  private func mirror() {
    // In squares that stay in the nearest cache while their rows become columns.
    let side = 32
    let squares = (a.rows + side - 1) / side
    forEachTask(squares, threads: threads) { square in
      let rows = square * side..<min((square + 1) * side, a.rows)
      for j0 in stride(from: 0, to: rows.upperBound, by: side) {
        for i in rows {
          for j in j0..<min(j0 + side, max(i, j0)) { c[i * rowStride + j] = c[j * rowStride + i] }
        }
      }
    }
  }
}

extension LaneScalar {
  /// Y ← Xᵀ: strides are between rows of X and of Y, whose elements are contiguous.
  @inline(__always)
  static func transpose(
    _ x: UnsafePointer<Self>, rowStride: Int, rows: Int, columns: Int, into y: UnsafeMutablePointer<Self>,
    rowStride yStride: Int
  ) {
    let (x, y) = (UnsafeRawPointer(x), UnsafeMutableRawPointer(y))
    if Self.self == Double.self {
      lanes_transpose_f64(
        rows, columns, x.assumingMemoryBound(to: Double.self), rowStride, y.assumingMemoryBound(to: Double.self),
        yStride)
    } else {
      lanes_transpose_f32(
        rows, columns, x.assumingMemoryBound(to: Float.self), rowStride, y.assumingMemoryBound(to: Float.self), yStride)
    }
  }

  @inline(__always)
  static func multiplyTile(
    _ a: (UnsafePointer<Self>, stride: Int), _ b: (UnsafePointer<Self>, stride: Int), rows: Int, terms: Int,
    into c: UnsafeMutablePointer<Self>, rowStride: Int, adds: Bool
  ) {
    let (x, y, z) = (UnsafeRawPointer(a.0), UnsafeRawPointer(b.0), UnsafeMutableRawPointer(c))
    if Self.self == Double.self {
      lanes_tile_f64(
        rows, terms, x.assumingMemoryBound(to: Double.self), a.stride, y.assumingMemoryBound(to: Double.self), b.stride,
        z.assumingMemoryBound(to: Double.self), rowStride, adds ? 1 : 0)
    } else {
      lanes_tile_f32(
        rows, terms, x.assumingMemoryBound(to: Float.self), a.stride, y.assumingMemoryBound(to: Float.self), b.stride,
        z.assumingMemoryBound(to: Float.self), rowStride, adds ? 1 : 0)
    }
  }
}
