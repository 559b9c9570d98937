/// A matrix with mostly zero elements, row by row (compressed sparse rows).
///
/// Row i has the elements `rowStarts[i]..<rowStarts[i + 1]` of `columns` and `values`; columns rise within a row. A row
/// may be empty.
public struct SparseRows: Hashable, Sendable {
  /// Where each row's elements start, and the number of all elements: one more than there are rows.
  public let rowStarts: [Int]
  /// The column of each element.
  public let columns: [Int32]
  /// The value of each element.
  public let values: [Float]
  /// Width of the matrix.
  public let columnCount: Int

  /// Number of rows.
  public var rowCount: Int { rowStarts.count - 1 }

  /// - Throws: ``SparseRowsError`` if the starts do not rise from 0 to the number of elements, columns and values
  ///   differ in number, or the columns of a row do not rise within 0..<`columnCount`.
  public init(rowStarts: [Int], columns: [Int32], values: [Float], columnCount: Int) throws(SparseRowsError) {
    guard rowStarts.first == 0, rowStarts.last == columns.count, columns.count == values.count,
      zip(rowStarts, rowStarts.dropFirst()).allSatisfy({ $0 <= $1 })
    else { throw .inconsistentCounts }
    for row in 0..<(rowStarts.count - 1) {
      var previous: Int32 = -1
      for column in columns[rowStarts[row]..<rowStarts[row + 1]] {
        guard column > previous, column < columnCount else {
          throw .invalidColumn(row: row, column: Int(column), columnCount: columnCount)
        }
        previous = column
      }
    }
    self.rowStarts = rowStarts
    self.columns = columns
    self.values = values
    self.columnCount = columnCount
  }

  /// The rows at `indices`, in that order.
  public func rows(at indices: some Collection<Int>) -> SparseRows {
    var starts = [0]
    var columns: [Int32] = []
    var values: [Float] = []
    starts.reserveCapacity(indices.count + 1)
    for i in indices {
      columns += self.columns[rowStarts[i]..<rowStarts[i + 1]]
      values += self.values[rowStarts[i]..<rowStarts[i + 1]]
      starts.append(columns.count)
    }
    return SparseRows(starts, columns, values, columnCount)
  }

  private init(_ rowStarts: [Int], _ columns: [Int32], _ values: [Float], _ columnCount: Int) {
    self.rowStarts = rowStarts
    self.columns = columns
    self.values = values
    self.columnCount = columnCount
  }
}

/// Why sparse rows are refused.
public enum SparseRowsError: Error, Hashable, CustomStringConvertible {
  case inconsistentCounts
  case invalidColumn(row: Int, column: Int, columnCount: Int)

  public var description: String {
    switch self {
    case .inconsistentCounts:
      "row starts must rise from 0 to the number of elements, with as many columns as values"
    case .invalidColumn(let row, let column, let columnCount):
      "row \(row): column \(column) is repeated, out of order or not in 0..<\(columnCount)"
    }
  }
}
