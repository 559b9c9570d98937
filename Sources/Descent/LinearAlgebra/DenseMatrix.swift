/// A matrix of numbers in double precision, for products.
struct DenseMatrix: Sendable {
  /// Row by row; column by column if the matrix is a transpose.
  private(set) var elements: [Double]
  private(set) var rows: Int
  private(set) var columns: Int
  private var isTransposed = false

  /// - Parameters:
  ///   - elements: Row by row.
  ///   - rows: At least 1.
  ///   - columns: At least 1.
  init(_ elements: [Double], rows: Int, columns: Int) {
    precondition(
      rows > 0 && columns > 0 && elements.count == rows * columns,
      "a matrix of \(rows)×\(columns) elements does not have \(elements.count)")
    (self.elements, self.rows, self.columns) = (elements, rows, columns)
  }

  /// The matrix with the given rows, at least one.
  init(rows: [[Double]]) {
    self.init(rows.flatMap { $0 }, rows: rows.count, columns: rows[0].count)
  }

  /// The transpose, in the same memory.
  var transposed: DenseMatrix {
    var matrix = self
    (matrix.rows, matrix.columns, matrix.isTransposed) = (columns, rows, !isTransposed)
    return matrix
  }

  static func * (a: DenseMatrix, b: DenseMatrix) -> DenseMatrix { a.product(b, isSymmetric: false) }

  /// A Aᵀ.
  var square: DenseMatrix { product(transposed, isSymmetric: true) }

  /// A B. If the product is known to be symmetric, half of it is computed.
  func product(_ b: DenseMatrix, isSymmetric: Bool) -> DenseMatrix {
    let product = [Double](unsafeUninitializedCapacity: rows * b.columns) { product, count in
      withView { a in
        b.withView {
          Double.multiply(a, $0, into: product.baseAddress!, part: isSymmetric ? .symmetric : .whole, threads: 1)
        }
      }
      count = rows * b.columns
    }
    return DenseMatrix(product, rows: rows, columns: b.columns)
  }

  private func withView(_ body: (MatrixView<Double>) -> Void) {
    elements.withUnsafeBufferPointer { elements in
      let (rows, columns) = isTransposed ? (columns, rows) : (rows, columns)
      let view = MatrixView(elements.baseAddress!, rows: rows, columns: columns)
      body(isTransposed ? view.transposed : view)
    }
  }
}
