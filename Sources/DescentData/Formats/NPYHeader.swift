/// The header of a `.npy` file: what its elements are and where they begin.
package struct NPYHeader: Hashable, Sendable {
  /// What elements can be read and written, as NumPy writes their types.
  package enum ElementType: String, CaseIterable, Sendable {
    case float32 = "<f4"
    case float64 = "<f8"
    case int32 = "<i4"
    case int64 = "<i8"
    case uint8 = "|u1"

    package var byteCount: Int {
      switch self {
      case .uint8: 1
      case .float32, .int32: 4
      case .float64, .int64: 8
      }
    }
  }

  package let type: ElementType
  package let shape: [Int]
  /// Bytes of the header: the elements begin after them.
  package let size: Int

  /// Bytes of the elements.
  package var byteCount: Int { shape.reduce(type.byteCount, *) }

  /// Reads the header that `source` begins with.
  init(of source: ByteSource) throws(DataError) {
    let path = source.path
    let magic: [UInt8] = [0x93, 0x4E, 0x55, 0x4D, 0x50, 0x59]
    let start = try source.read(upTo: 8)
    guard start.starts(with: magic) else {
      throw .file(path, .wrongMagic(expected: "\"\\x93NUMPY\"", actual: hex(start.prefix(6))))
    }
    guard start.count == 8 else { throw .file(path, .truncated(expected: 8, actual: start.count)) }
    guard (1...3).contains(start[6]) else {
      throw .file(path, .malformedHeader(reason: "version \(start[6]) is not 1, 2 or 3; save it with numpy.save"))
    }
    let lengthSize = start[6] == 1 ? 2 : 4
    let length = try source.read(exactly: lengthSize, at: 8).reversed().reduce(0) { $0 << 8 | Int($1) }
    size = 8 + lengthSize + length
    let dictionary = try source.read(exactly: length, at: 8 + lengthSize)
    do { (type, shape) = try Self.parse(String(decoding: dictionary, as: UTF8.self)) } catch {
      throw .file(path, .malformedHeader(reason: error.reason))
    }
  }

  /// The bytes before elements of `type`: version 1, elements beginning at a multiple of 64.
  package static func encoded(_ type: ElementType, shape: [Int]) -> [UInt8] {
    let extents = shape.map { "\($0)," }.joined(separator: " ")
    var dictionary = "{'descr': '\(type.rawValue)', 'fortran_order': False, 'shape': (\(extents)), }"
    dictionary += String(repeating: " ", count: 63 - (10 + dictionary.utf8.count) % 64) + "\n"
    let length = dictionary.utf8.count
    return [0x93] + Array("NUMPY".utf8) + [1, 0, UInt8(length % 256), UInt8(length / 256)] + dictionary.utf8
  }

  private struct Malformed: Error { var reason: String }

  /// Reads the header's dictionary, a Python literal: `{'descr': '<f4', 'fortran_order': False, 'shape': (3, 4), }`.
  private static func parse(_ text: String) throws(Malformed) -> (ElementType, [Int]) {
    func value(of key: String) throws(Malformed) -> Substring {
      for quote in ["'", "\""] {
        let pieces = text.split(separator: "\(quote)\(key)\(quote)", maxSplits: 1, omittingEmptySubsequences: false)
        guard pieces.count == 2 else { continue }
        let rest = pieces[1].drop { $0 == " " }
        if rest.first == ":" { return rest.dropFirst().drop { $0 == " " } }
      }
      throw Malformed(reason: "it does not name \(key)")
    }
    let descr = try value(of: "descr")
    guard let quote = descr.first, quote == "'" || quote == "\"" else {
      throw Malformed(reason: "records are not read; save one field at a time")
    }
    let name = descr.dropFirst().prefix { $0 != quote }
    guard let type = name == "<u1" ? .uint8 : ElementType(rawValue: String(name)) else {
      throw Malformed(
        reason: "elements of type \(name) are not read; save as little-endian float32, float64, uint8, int32 or int64")
    }

    let tuple = try value(of: "shape")
    guard tuple.first == "(", let end = tuple.firstIndex(of: ")") else { throw Malformed(reason: "shape is no tuple") }
    var shape: [Int] = []
    var count = 1
    for item in tuple[..<end].dropFirst().split(separator: ",") {
      let digits = item.filter { $0 != " " && $0 != "L" }
      if digits.isEmpty { continue }
      guard let extent = Int(digits), extent >= 0 else { throw Malformed(reason: "shape holds \(item)") }
      let (product, overflow) = count.multipliedReportingOverflow(by: extent)
      guard !overflow, product < 1 << 48 else { throw Malformed(reason: "the shape is too large") }
      count = product
      shape.append(extent)
    }
    let order = try value(of: "fortran_order")
    guard order.hasPrefix("False") || shape.count < 2 else {
      throw Malformed(reason: "elements are in Fortran order; save numpy.ascontiguousarray of it")
    }
    return (type, shape)
  }
}
