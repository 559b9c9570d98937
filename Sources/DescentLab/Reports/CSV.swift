/// Comma-separated values as RFC 4180 defines them.
enum CSV {
  /// A row with its line end.
  static func row(_ cells: [String]) -> String { cells.map(cell).joined(separator: ",") + "\n" }

  /// The cell, in quotes if it contains a comma, a quote or a line end.
  private static func cell(_ text: String) -> String {
    // A terminal that shows the file obeys nothing in it; line ends belong to CSV.
    let text = (startsFormula(text) ? "'" + text : text).replacingScalars {
      $0.isObeyed && $0 != "\n" && $0 != "\r" ? $0.number : nil
    }
    guard text.unicodeScalars.contains(where: { $0 == "," || $0 == "\"" || $0.isObeyed }) else { return text }
    return "\"" + text.replacingScalars { $0 == "\"" ? "\"\"" : nil } + "\""
  }

  /// Whether a spreadsheet would compute the cell instead of showing it. An apostrophe before such a cell marks it as
  /// text.
  private static func startsFormula(_ text: String) -> Bool {
    guard let first = text.unicodeScalars.first, ["=", "+", "-", "@", "\t", "\r"].contains(first) else { return false }
    return Double(text) == nil
  }
}
