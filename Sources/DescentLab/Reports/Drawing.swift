/// A drawing that gnuplot makes as a file or with characters.
public protocol Drawing: Sendable {
  /// The drawing as a file of `format`.
  /// - Throws: ``FigureError`` if there is nothing to draw or gnuplot is missing or fails.
  func render(_ format: Figure.Format) throws(FigureError) -> [UInt8]

  /// The drawing in `columns` × `rows` characters.
  /// - Throws: ``FigureError``.
  func characters(columns: Int, rows: Int) throws(FigureError) -> String
}

extension Drawing {
  /// The drawing in 22 rows of `columns` characters.
  /// - Throws: ``FigureError``.
  public func characters(columns: Int) throws(FigureError) -> String { try characters(columns: columns, rows: 22) }
}

extension Figure: Drawing {}
