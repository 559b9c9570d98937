/// Reads the dictionary of a `.npy` header, a literal of Python: `{'descr': '<f4', 'fortran_order': False, 'shape': (3, 4), }`.
///
/// Refuses everything that NumPy refuses, and notations that NumPy reads but never writes, such as `0x10` for 16.
struct NPYHeaderParser {
  struct Malformed: Error { var reason: String }

  private let bytes: [UInt8]
  /// The most dimensions that a NumPy array has.
  private static let mostDimensions = 64

  private let version: UInt8
  private var position = 0

  private init(bytes: [UInt8], version: UInt8) {
    self.bytes = bytes
    self.version = version
  }

  static func parse(
    _ bytes: [UInt8], version: UInt8
  ) throws(Malformed) -> (type: NPYHeader.ElementType, shape: [Int]) {
    var parser = Self(bytes: bytes, version: version)
    return try parser.dictionary()
  }

  private mutating func dictionary() throws(Malformed) -> (NPYHeader.ElementType, [Int]) {
    var type: NPYHeader.ElementType?
    var isFortran: Bool?
    var shape: [Int]?
    try take("{")
    while !takes("}") {
      let key = try string()
      try take(":")
      switch key {
      case "descr" where type == nil: type = try elementType()
      case "fortran_order" where isFortran == nil: isFortran = try flag()
      case "shape" where shape == nil: shape = try tuple()
      case "descr", "fortran_order", "shape": throw Malformed(reason: "it has \(key) twice")
      default: throw Malformed(reason: "it has '\(key)', which no header has")
      }
      if takes("}") { break }
      try take(",")
    }
    skipSpace()
    guard position == bytes.count else { throw Malformed(reason: "something follows its closing brace") }
    guard let type else { throw Malformed(reason: "it does not name descr") }
    guard let isFortran else { throw Malformed(reason: "it does not name fortran_order") }
    guard let shape else { throw Malformed(reason: "it does not name shape") }
    guard !isFortran || shape.count < 2 else {
      throw Malformed(reason: "elements are in Fortran order; save numpy.ascontiguousarray of it")
    }
    return (type, shape)
  }

  private mutating func elementType() throws(Malformed) -> NPYHeader.ElementType {
    guard next == UInt8(ascii: "'") || next == UInt8(ascii: "\"") else {
      throw Malformed(reason: "records are not read; save one field at a time")
    }
    let name = try string()
    guard let type = name == "<u1" ? .uint8 : NPYHeader.ElementType(rawValue: name) else {
      throw Malformed(
        reason: "elements of type \(name) are not read; save as little-endian float32, float64, uint8, int32 or int64")
    }
    return type
  }

  private mutating func flag() throws(Malformed) -> Bool {
    for (word, value) in [("True", true), ("False", false)] where bytes[position...].starts(with: word.utf8) {
      position += word.utf8.count
      return value
    }
    throw Malformed(reason: "fortran_order is neither True nor False")
  }

  /// Whole numbers of at least 0, with a comma after each. If there are two or more, the last may lack it.
  private mutating func tuple() throws(Malformed) -> [Int] {
    guard takes("(") else { throw Malformed(reason: "shape is no tuple") }
    var numbers: [Int] = []
    var endsInComma = true
    while !takes(")") {
      guard endsInComma else { throw Malformed(reason: "a comma is missing in shape") }
      numbers.append(try integer())
      endsInComma = takes(",")
    }
    guard numbers.count != 1 || endsInComma else { throw Malformed(reason: "shape is no tuple") }
    guard numbers.count <= Self.mostDimensions else {
      throw Malformed(reason: "shape has \(numbers.count) dimensions, more than \(Self.mostDimensions)")
    }
    var count = 1
    for extent in numbers {
      let (product, overflow) = count.multipliedReportingOverflow(by: extent)
      guard !overflow, product < 1 << 48 else { throw Malformed(reason: "the shape is too large") }
      count = product
    }
    return numbers
  }

  private mutating func integer() throws(Malformed) -> Int {
    let digits = bytes[position...].prefix { (48...57).contains($0) }
    position += digits.count
    guard !digits.isEmpty, digits.count == 1 || digits.first != 48 else {
      throw Malformed(reason: "shape holds what is no whole number of at least 0")
    }
    guard let number = Int(String(decoding: digits, as: UTF8.self)) else {
      throw Malformed(reason: "the shape is too large")
    }
    // Python 2, which had versions 1 and 2 of the format, wrote an L after long numbers.
    if version < 3, next == UInt8(ascii: "L") { position += 1 }
    skipSpace()
    return number
  }

  /// Reads a text without escapes, and drops its quotes and the spaces after it.
  private mutating func string() throws(Malformed) -> String {
    guard let quote = next, quote == UInt8(ascii: "'") || quote == UInt8(ascii: "\"") else {
      throw Malformed(reason: "a name in quotes is missing")
    }
    position += 1
    let text = bytes[position...].prefix { $0 != quote }
    guard position + text.count < bytes.count, text.allSatisfy({ (32..<127).contains($0) && $0 != UInt8(ascii: "\\") })
    else { throw Malformed(reason: "a name in quotes does not end, or holds other than plain characters") }
    position += text.count + 1
    skipSpace()
    return String(decoding: text, as: UTF8.self)
  }

  private var next: UInt8? { position < bytes.count ? bytes[position] : nil }

  private mutating func skipSpace() {
    while let byte = next, byte == 32 || byte == 9 || byte == 10 || byte == 13 { position += 1 }
  }

  /// Skips `mark` and the spaces around it, if `mark` comes next.
  private mutating func takes(_ mark: Unicode.Scalar) -> Bool {
    skipSpace()
    guard next == UInt8(ascii: mark) else { return false }
    position += 1
    skipSpace()
    return true
  }

  private mutating func take(_ mark: Unicode.Scalar) throws(Malformed) {
    guard takes(mark) else { throw Malformed(reason: "'\(mark)' is missing in it") }
  }
}
