/// Comma-separated values as RFC 4180 has them.
enum CSV {
  /// A row with its end.
  static func row(_ cells: [String]) -> String { cells.map(cell).joined(separator: ",") + "\n" }

  /// With quotes where there is a comma, a quote or the end of a line within.
  private static func cell(_ text: String) -> String {
    let text = startsFormula(text) ? "'" + text : text
    guard text.unicodeScalars.contains(where: { $0 == "," || $0 == "\"" || $0.isObeyed }) else { return text }
    return "\"" + text.replacingScalars { $0 == "\"" ? "\"\"" : nil } + "\""
  }

  /// Whether a spreadsheet would compute the cell instead of showing it. The apostrophe before it is how one says in a
  /// spreadsheet that it is text.
  private static func startsFormula(_ text: String) -> Bool {
    guard let first = text.unicodeScalars.first, ["=", "+", "-", "@", "\t", "\r"].contains(first) else { return false }
    return Double(text) == nil
  }
}
