/// Rows under a header, as text or as Markdown. A column is aligned right if all its cells are numbers.
///
/// Control characters in cells are shown as numbers, so every cell fits in one line, whatever name it contains.
public struct Table: Sendable {
  public let header: [String]
  public private(set) var rows: [[String]] = []

  public init(header: [String]) { self.header = header.map { $0.printable() } }

  /// Adds a row. Missing cells stay empty; cells beyond the header are dropped.
  public mutating func add(_ row: [String]) {
    rows.append((0..<header.count).map { $0 < row.count ? row[$0].printable() : "" })
  }

  /// The table without the columns that have a dash in every row.
  func withoutEmptyColumns() -> Table {
    let kept = header.indices.filter { i in rows.isEmpty || rows.contains { $0[i] != "–" } }
    var table = Table(header: kept.map { header[$0] })
    for row in rows { table.add(kept.map { row[$0] }) }
    return table
  }

  /// The table with aligned columns and a rule under the header; each line ends with a newline.
  ///
  /// - Parameter width: The width for which cells of the last column are broken into lines; nil for lines of any
  ///   length.
  public func text(width: Int? = nil) -> String {
    guard let width, let last = widths.last, !isNumeric[header.count - 1] else { return unbroken() }
    let room = max(24, width - (widths.reduce(0, +) - last + 2 * (header.count - 1)))
    guard room < last else { return unbroken() }
    var broken = Table(header: header)
    for row in rows {
      for (i, line) in Self.wrap(row[header.count - 1], room).enumerated() {
        let others = i == 0 ? row.dropLast() : row.dropLast().map { _ in "" }
        broken.add(others + [line])
      }
    }
    return broken.unbroken()
  }

  private static func wrap(_ text: String, _ width: Int) -> [String] {
    var lines: [String] = []
    for word in text.split(separator: " ") {
      if let line = lines.last, line.count + 1 + word.count <= width {
        lines[lines.count - 1] = line + " " + word
      } else {
        lines.append(String(word))
      }
    }
    return lines.isEmpty ? [""] : lines
  }

  private func unbroken() -> String {
    let columns = columns
    let lines = [header, columns.map { String(repeating: "─", count: $0.width) }] + rows
    return lines.map { line in
      var text = Substring(zip(columns, line).map { $0.padded($1) }.joined(separator: "  "))
      while text.last == " " { text.removeLast() }
      return text + "\n"
    }.joined()
  }

  /// The table as Markdown writes it.
  public func markdown() -> String {
    // A bar would end the cell, and "<" would start an HTML element.
    func escape(_ cell: String) -> String {
      cell.replacingScalars { $0 == "|" ? "\\|" : $0 == "<" ? "&lt;" : nil }
    }
    let columns = columns
    let rule = columns.map { column in
      let dashes = String(repeating: "-", count: max(3, column.width) - (column.isNumeric ? 1 : 0))
      return column.isNumeric ? dashes + ":" : dashes
    }
    return ([header.map(escape), rule] + rows.map { $0.map(escape) }).map { line in
      "| " + zip(columns, line).map { $0.padded($1) }.joined(separator: " | ") + " |\n"
    }.joined()
  }

  /// How the cells of a column are aligned.
  private struct Column {
    var width: Int
    var isNumeric: Bool

    func padded(_ cell: String) -> String {
      let space = String(repeating: " ", count: max(0, width - cell.count))
      return isNumeric ? space + cell : cell + space
    }
  }

  private var columns: [Column] { zip(widths, isNumeric).map { Column(width: $0, isNumeric: $1) } }

  private var widths: [Int] {
    header.indices.map { column in rows.reduce(header[column].count) { max($0, $1[column].count) } }
  }

  /// For each column, whether all its cells are numbers.
  var isNumeric: [Bool] {
    header.indices.map { column in
      let cells = rows.lazy.map { $0[column] }.filter { !$0.isEmpty }
      return !cells.isEmpty && cells.allSatisfy(Self.isNumber)
    }
  }

  /// Whether a cell counts as a number: "12", "-0.5", "1e-3", "97.31 %", "1,024", "3:05", "0.12 ± 0.01", "–" for
  /// nothing.
  private static func isNumber(_ cell: String) -> Bool {
    if cell == "–" { return true }
    return cell.filter { !", ".contains($0) }.split(separator: "±").allSatisfy { text in
      let digits = text.last == "%" ? text.dropLast() : text
      return Double(digits) != nil || digits.split(separator: ":").allSatisfy { Int($0) != nil }
    }
  }
}
