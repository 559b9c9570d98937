/// Comma-separated values as RFC 4180 has them.
enum CSV {
  /// A row with its end.
  static func row(_ cells: [String]) -> String { cells.map(cell).joined(separator: ",") + "\n" }

  /// With quotes where there is a comma, a quote or the end of a line within.
  private static func cell(_ text: String) -> String {
    guard text.contains(where: { $0 == "," || $0 == "\"" || $0.isNewline }) else { return text }
    return "\"\(text.replacing("\"", with: "\"\""))\""
  }
}
