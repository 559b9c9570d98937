/// A matrix in existing memory: element (i, j) is at `i · rowStride + j · columnStride`.
///
/// Must not be kept beyond the memory it points to.
@frozen public struct MatrixView<Scalar: LaneScalar> {
  public let elements: UnsafePointer<Scalar>
  public let rows, columns, rowStride, columnStride: Int

  /// A row-major matrix without gaps.
  @inlinable
  public init(_ elements: UnsafePointer<Scalar>, rows: Int, columns: Int) {
    self.init(elements, rows: rows, columns: columns, rowStride: columns, columnStride: 1)
  }

  @inlinable
  public init(_ elements: UnsafePointer<Scalar>, rows: Int, columns: Int, rowStride: Int, columnStride: Int) {
    self.elements = elements
    self.rows = rows
    self.columns = columns
    self.rowStride = rowStride
    self.columnStride = columnStride
  }

  /// The transpose, in the same memory.
  @inlinable public var transposed: Self {
    Self(elements, rows: columns, columns: rows, rowStride: columnStride, columnStride: rowStride)
  }
}

extension LaneScalar {
  /// C ← A B or, if `adds`, C ← C + A B, row-major without gaps.
  @inlinable
  public static func multiply(
    _ a: MatrixView<Self>, _ b: MatrixView<Self>, into c: UnsafeMutablePointer<Self>, part: ProductPart = .whole,
    adds: Bool = false, threads: Int
  ) {
    multiply(a, b, into: c, rowStride: b.columns, part: part, adds: adds, threads: threads)
  }
}
