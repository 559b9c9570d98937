/// Reads the JSON header of a safetensors file as strictly as the format's own library: whole numbers without a point,
/// each field and each tensor's name at most once, UTF-8.
struct SafetensorsHeaderParser {
  /// A problem, and after how many bytes of the header it was found.
  struct Malformed: Error {
    var reason: String
    var position: Int
  }

  private let bytes: [UInt8]
  private var position = 0
  /// The deepest nesting of values in fields that are not read.
  private static let deepest = 100

  private init(_ bytes: [UInt8]) { self.bytes = bytes }

  static func parse(_ bytes: [UInt8]) throws(Malformed) -> SafetensorsHeader {
    guard let invalid = firstInvalidUTF8(bytes) else {
      var parser = Self(bytes)
      return try parser.header()
    }
    throw Malformed(reason: "it is not UTF-8", position: invalid)
  }

  private mutating func header() throws(Malformed) -> SafetensorsHeader {
    var header = SafetensorsHeader()
    var hasMetadata = false
    try object { parser, key throws(Malformed) in
      if key == "__metadata__" {
        guard !hasMetadata else { throw parser.malformed("it has two __metadata__") }
        hasMetadata = true
        header.metadata = try parser.metadata()
      } else {
        guard header.entries[key] == nil else { throw parser.malformed("two tensors are called '\(key)'") }
        header.entries[key] = try parser.entry(of: key)
      }
    }
    skipSpace()
    guard position == bytes.count else { throw malformed("something follows the header's end") }
    return header
  }

  private mutating func metadata() throws(Malformed) -> [String: String] {
    var metadata: [String: String] = [:]
    skipSpace()
    if takes("null") { return metadata }
    try object { parser, key throws(Malformed) in
      guard metadata[key] == nil else { throw parser.malformed("its metadata has '\(key)' twice") }
      parser.skipSpace()
      guard parser.next == UInt8(ascii: "\"") else { throw parser.malformed("its metadata '\(key)' is no text") }
      metadata[key] = try parser.string()
    }
    return metadata
  }

  private mutating func entry(of tensor: String) throws(Malformed) -> SafetensorsHeader.Entry {
    var type: String?
    var shape: [Int]?
    var offsets: [Int]?
    try object { parser, key throws(Malformed) in
      func once(_ isNew: Bool) throws(Malformed) {
        guard isNew else { throw parser.malformed("tensor '\(tensor)' has \(key) twice") }
      }
      switch key {
      case "dtype":
        try once(type == nil)
        type = try parser.string()
      case "shape":
        try once(shape == nil)
        shape = try parser.integers()
      case "data_offsets":
        try once(offsets == nil)
        offsets = try parser.integers()
      default: try parser.skipValue(depth: 0)
      }
    }
    guard let type, let shape, let offsets else {
      throw malformed("tensor '\(tensor)' lacks its dtype, shape or data_offsets")
    }
    guard offsets.count == 2 else { throw malformed("tensor '\(tensor)' has no start and end") }
    return SafetensorsHeader.Entry(dtype: type, shape: shape, data_offsets: offsets)
  }

  /// Calls `body` at the value of each key.
  private mutating func object(
    _ body: (inout Self, _ key: String) throws(Malformed) -> Void
  ) throws(Malformed) {
    try take("{")
    skipSpace()
    if takes("}") { return }
    while true {
      let key = try string()
      try take(":")
      try body(&self, key)
      skipSpace()
      if takes("}") { return }
      try take(",")
    }
  }

  private mutating func integers() throws(Malformed) -> [Int] {
    var numbers: [Int] = []
    try take("[")
    skipSpace()
    if takes("]") { return numbers }
    while true {
      numbers.append(try integer())
      skipSpace()
      if takes("]") { return numbers }
      try take(",")
    }
  }

  private mutating func integer() throws(Malformed) -> Int {
    skipSpace()
    let start = position
    while let digit = next, (48...57).contains(digit) { position += 1 }
    let digits = bytes[start..<position]
    // JSON has no leading zeros; a sign, a point or an exponent would follow.
    guard !digits.isEmpty, digits.count == 1 || digits.first != 48, next.map({ !"+-.eE".utf8.contains($0) }) ?? true,
      let number = Int(String(decoding: digits, as: UTF8.self))
    else { throw malformed("a whole number of at least 0 belongs here") }
    return number
  }

  private mutating func string() throws(Malformed) -> String {
    try take("\"")
    var text: [UInt8] = []
    while let byte = next {
      position += 1
      switch byte {
      case UInt8(ascii: "\""): return String(decoding: text, as: UTF8.self)
      case UInt8(ascii: "\\"): text += try escaped()
      case 0..<32: throw malformed("a control character is in a text")
      default: text.append(byte)
      }
    }
    throw malformed("a text does not end")
  }

  /// What follows a backslash, in UTF-8.
  private mutating func escaped() throws(Malformed) -> [UInt8] {
    guard let byte = next else { throw malformed("a text does not end") }
    position += 1
    switch byte {
    case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): return [byte]
    case UInt8(ascii: "b"): return [8]
    case UInt8(ascii: "f"): return [12]
    case UInt8(ascii: "n"): return [10]
    case UInt8(ascii: "r"): return [13]
    case UInt8(ascii: "t"): return [9]
    case UInt8(ascii: "u"):
      var units = [try hexadecimal()]
      if UTF16.isLeadSurrogate(units[0]), takes("\\u") { units.append(try hexadecimal()) }
      guard let text = String(validating: units, as: UTF16.self) else {
        throw malformed("an escape in a text is no character")
      }
      return Array(text.utf8)
    default: throw malformed("a text has an escape that JSON lacks")
    }
  }

  private mutating func hexadecimal() throws(Malformed) -> UInt16 {
    let digits = bytes[position..<min(position + 4, bytes.count)]
    guard digits.count == 4, digits.allSatisfy({ Character(UnicodeScalar($0)).isHexDigit }),
      let unit = UInt16(String(decoding: digits, as: UTF8.self), radix: 16)
    else { throw malformed("an escape lacks its four hexadecimal digits") }
    position += 4
    return unit
  }

  /// Passes over a value of any kind.
  private mutating func skipValue(depth: Int) throws(Malformed) {
    guard depth < Self.deepest else { throw malformed("its values are nested too deeply") }
    skipSpace()
    switch next {
    case UInt8(ascii: "{"): try object { parser, _ throws(Malformed) in try parser.skipValue(depth: depth + 1) }
    case UInt8(ascii: "\""): _ = try string()
    case UInt8(ascii: "["):
      try take("[")
      skipSpace()
      if takes("]") { return }
      while true {
        try skipValue(depth: depth + 1)
        skipSpace()
        if takes("]") { return }
        try take(",")
      }
    default:
      if takes("true") || takes("false") || takes("null") { return }
      let number = bytes[position...].prefix { "+-.0123456789eE".utf8.contains($0) }
      let text = String(decoding: number, as: UTF8.self)
      guard text.wholeMatch(of: /-?(0|[1-9][0-9]*)(\.[0-9]+)?([eE][-+]?[0-9]+)?/) != nil else {
        throw malformed("a value belongs here")
      }
      position += number.count
    }
  }

  private var next: UInt8? { position < bytes.count ? bytes[position] : nil }

  private mutating func skipSpace() {
    while let byte = next, byte == 32 || byte == 9 || byte == 10 || byte == 13 { position += 1 }
  }

  /// Passes over `text` if it stands here.
  private mutating func takes(_ text: StaticString) -> Bool {
    let isThere = text.withUTF8Buffer { bytes[position...].starts(with: $0) }
    if isThere { position += text.utf8CodeUnitCount }
    return isThere
  }

  private mutating func take(_ text: StaticString) throws(Malformed) {
    skipSpace()
    guard takes(text) else { throw malformed("\(text) belongs here") }
  }

  private func malformed(_ reason: String) -> Malformed { Malformed(reason: reason, position: position) }

  /// Where `bytes` stop being UTF-8; nil if they are.
  private static func firstInvalidUTF8(_ bytes: [UInt8]) -> Int? {
    var decoder = UTF8()
    var iterator = bytes.makeIterator()
    if String(validating: bytes, as: UTF8.self) != nil { return nil }
    var count = 0
    while true {
      switch decoder.decode(&iterator) {
      case .scalarValue(let scalar): count += UTF8.width(scalar)
      default: return count
      }
    }
  }
}
