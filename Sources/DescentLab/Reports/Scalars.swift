extension StringProtocol {
  /// The text with what `replacement` gives in place of each scalar for which it gives something: how texts are escaped.
  ///
  /// By scalars, as the readers of other languages see a text: two scalars can make one `Character`, and a comparison of
  /// characters overlooks a quote in it.
  func replacingScalars(_ replacement: (Unicode.Scalar) -> String?) -> String {
    var result = String.UnicodeScalarView()
    for scalar in unicodeScalars {
      if let text = replacement(scalar) {
        result.append(contentsOf: text.unicodeScalars)
      } else {
        result.append(scalar)
      }
    }
    return String(result)
  }

  /// The text with each scalar that would be obeyed written as JSON writes it: ESC as `\u001b`.
  ///
  /// Names of files and what stands in files may hold anything; so shown, they change neither a terminal nor a figure.
  ///
  /// - Parameter kept: Scalars that stay as they are.
  func printable(keeping kept: [Unicode.Scalar] = []) -> String {
    func isObeyed(_ scalar: Unicode.Scalar) -> Bool { scalar.isObeyed && !kept.contains(scalar) }
    guard unicodeScalars.contains(where: isObeyed) else { return String(self) }
    return replacingScalars { isObeyed($0) ? $0.number : nil }
  }
}

extension Unicode.Scalar {
  /// Whether a terminal, a figure or a page obeys the scalar instead of showing it: control characters, ends of lines and
  /// marks that turn the direction of text; also the two that XML forbids.
  var isObeyed: Bool {
    // Most of all texts, in no time.
    if 0x20..<0x7F ~= value { return false }
    switch properties.generalCategory {
    case .control, .lineSeparator, .paragraphSeparator: return true
    default: return 0x202A...0x202E ~= value || 0x2066...0x2069 ~= value || 0xFFFE...0xFFFF ~= value
    }
  }

  /// The scalar's number as JSON and JavaScript have it in a string, of those below U+10000: `\u001b`.
  var number: String {
    let digits = String(value, radix: 16)
    return "\\u" + String(repeating: "0", count: max(0, 4 - digits.utf8.count)) + digits
  }
}
