/// The header of a `.npy` file: the type of its elements and where they begin.
package struct NPYHeader: Hashable, Sendable {
  /// The types of element that can be read and written, as NumPy writes them.
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

  /// The longest header to accept: NumPy, too, reads no more from a file that it does not trust.
  private static let longest = 10_000

  /// Reads the header at the beginning of `source`.
  init(of source: ByteSource) throws(DataError) {
    let path = source.path
    let magic: [UInt8] = [0x93, 0x4E, 0x55, 0x4D, 0x50, 0x59]
    let start = try source.read(upTo: 8)
    guard start.starts(with: magic) else {
      throw .file(path, .wrongMagic(expected: "\"\\x93NUMPY\"", actual: hex(start.prefix(6))))
    }
    guard start.count == 8 else { throw .file(path, .truncated(expected: 8, actual: start.count)) }
    guard (1...3).contains(start[6]), start[7] == 0 else {
      throw .file(
        path,
        .malformedHeader(reason: "version \(start[6]).\(start[7]) is not 1.0, 2.0 or 3.0; save it with numpy.save"))
    }
    let lengthSize = start[6] == 1 ? 2 : 4
    let length = try source.read(exactly: lengthSize, at: 8).reversed().reduce(0) { $0 << 8 | Int($1) }
    guard length <= Self.longest else {
      throw .file(
        path, .malformedHeader(reason: "it has \(length) bytes, more than \(Self.longest); save it with numpy.save"))
    }
    size = 8 + lengthSize + length
    let dictionary = try source.read(exactly: length, at: 8 + lengthSize)
    do { (type, shape) = try NPYHeaderParser.parse(dictionary, version: start[6]) } catch {
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
}
