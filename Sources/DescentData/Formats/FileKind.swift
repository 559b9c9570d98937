/// Recognizes files that no reader takes by their first bytes.
enum FileKind {
  /// Length of the longest mark in bytes.
  static let markLength = 10

  private static let marks: [(bytes: [UInt8], kind: String, remedy: String)] = [
    // "BZh", a digit, and the digits of π that every block begins with.
    (Array("BZh?1AY&SY".utf8), "compressed with bzip2, which is not read", "unpack it with bunzip2"),
    ([0xFD, 0x37, 0x7A, 0x58, 0x5A, 0], "compressed with xz, which is not read", "unpack it with unxz"),
    ([0x28, 0xB5, 0x2F, 0xFD], "compressed with zstd, which is not read", "unpack it with unzstd"),
    ([0x37, 0x7A, 0xBC, 0xAF, 0x27, 0x1C], "a 7z archive", "unpack it first"),
    (Array("PK\u{3}\u{4}".utf8), "a zip archive, as .npz files are", "unpack it with unzip"),
  ]

  /// Why no reader takes a file that begins with `start`; nil if the bytes give no reason.
  static func problem(of start: [UInt8]) -> FileProblem? {
    for mark in marks where start.count >= mark.bytes.count {
      let isSame = zip(mark.bytes, start).allSatisfy { $0 == $1 || $0 == UInt8(ascii: "?") }
      if isSame { return .unsuitable(kind: mark.kind, remedy: mark.remedy) }
    }
    return nil
  }
}

/// `bytes` of a file as text for a message: not too long, with control and invisible characters written as numbers.
func shown(_ bytes: some Collection<UInt8>) -> String {
  let longest = 40
  let start = String(decoding: bytes.prefix(longest), as: UTF8.self)
  var text = ""
  for scalar in start.unicodeScalars {
    switch scalar.properties.generalCategory {
    case .control, .format, .surrogate, .privateUse, .unassigned, .lineSeparator, .paragraphSeparator:
      text += "\\u{\(String(scalar.value, radix: 16))}"
    default: text.unicodeScalars.append(scalar)
    }
  }
  return "\"\(text)\"" + (bytes.count > longest ? " …" : "")
}
