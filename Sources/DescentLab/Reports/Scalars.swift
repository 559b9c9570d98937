extension StringProtocol {
  /// The text with each scalar replaced by the result of `replacement`, if that is not nil. This is how texts are
  /// escaped.
  ///
  /// It goes by scalars, as other languages' parsers read a text. Two scalars can form one `Character`, so a
  /// comparison of characters could overlook a quote in it.
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

  /// The text with control characters and the like written as in JSON, for example ESC as `\u001b`.
  ///
  /// Names and contents of files may hold anything. Written like this, they disturb neither a terminal nor a figure.
  ///
  /// - Parameter kept: Scalars that stay as they are.
  func printable(keeping kept: [Unicode.Scalar] = []) -> String {
    func isObeyed(_ scalar: Unicode.Scalar) -> Bool { scalar.isObeyed && !kept.contains(scalar) }
    guard unicodeScalars.contains(where: isObeyed) else { return String(self) }
    return replacingScalars { isObeyed($0) ? $0.number : nil }
  }
}

extension Unicode.Scalar {
  /// Whether a terminal, a figure or a page obeys the scalar instead of showing it.
  ///
  /// These are control characters, line ends and marks that change the direction of text, and two that XML forbids.
  var isObeyed: Bool {
    // Most characters of most texts are decided here, quickly.
    if 0x20..<0x7F ~= value { return false }
    switch properties.generalCategory {
    case .control, .lineSeparator, .paragraphSeparator: return true
    default: return 0x202A...0x202E ~= value || 0x2066...0x2069 ~= value || 0xFFFE...0xFFFF ~= value
    }
  }

  /// The scalar's number as strings in JSON and JavaScript have it: `\u001b`. The scalar must be below U+10000.
  var number: String {
    let digits = String(value, radix: 16)
    return "\\u" + String(repeating: "0", count: max(0, 4 - digits.utf8.count)) + digits
  }
}
