#if canImport(FoundationEssentials)
  import FoundationEssentials
#else
  import Foundation
#endif

/// The JSON header of a safetensors file: where each tensor's bytes lie, and free text.
package struct SafetensorsHeader: Encodable {
  package struct Entry: Encodable {
    package var dtype: String
    package var shape: [Int]
    /// First byte and the one after the last, counted from the header's end.
    package var data_offsets: [Int]

    package init(dtype: String, shape: [Int], data_offsets: [Int]) {
      self.dtype = dtype
      self.shape = shape
      self.data_offsets = data_offsets
    }
  }

  package var metadata: [String: String] = [:]
  package var entries: [String: Entry] = [:]

  private struct Key: CodingKey {
    var stringValue: String
    var intValue: Int? { nil }
    init(stringValue: String) { self.stringValue = stringValue }
    init?(intValue: Int) { nil }
    static let metadata = Key(stringValue: "__metadata__")
  }

  package init() {}

  package func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: Key.self)
    try container.encode(metadata, forKey: .metadata)
    for (name, entry) in entries { try container.encode(entry, forKey: Key(stringValue: name)) }
  }

  /// Length and JSON, padded so that the tensors' bytes start on a multiple of 64.
  package func encoded() throws -> [UInt8] {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    var json = [UInt8](try encoder.encode(self))
    json += Array(repeating: UInt8(ascii: " "), count: (64 - (json.count + 8) % 64) % 64)
    let length = UInt64(json.count)
    return (0..<8).map { UInt8(truncatingIfNeeded: length >> ($0 * 8)) } + json
  }

  /// Bytes of an element of type `dtype`, or nil if there is no such type.
  static func byteCount(of dtype: String) -> Int? {
    switch dtype {
    case "BOOL", "U8", "I8", "F8_E4M3", "F8_E5M2", "F8_E8M0": 1
    case "U16", "I16", "F16", "BF16": 2
    case "U32", "I32", "F32": 4
    case "U64", "I64", "F64", "C64": 8
    default: nil
    }
  }

  /// How a file with `dataCount` bytes after the header contradicts the format; nil if it does not.
  func problem(dataCount: Int) -> String? {
    var end = 0
    for (name, entry) in entries.sorted(by: { $0.value.data_offsets.lexicographicallyPrecedes($1.value.data_offsets) })
    {
      guard let elementSize = Self.byteCount(of: entry.dtype) else {
        return "tensor '\(name)' has the unknown type \(entry.dtype)"
      }
      var size = elementSize
      for extent in entry.shape {
        let (product, overflow) = size.multipliedReportingOverflow(by: extent)
        guard extent >= 0, !overflow else { return "tensor '\(name)' has the impossible shape \(entry.shape)" }
        size = product
      }
      let (start, stop) = (entry.data_offsets[0], entry.data_offsets[1])
      guard start == end, stop >= start, stop - start == size else {
        return "the bytes of tensor '\(name)' (\(start) to \(stop)) do not fit its shape \(entry.shape) and place"
      }
      guard stop <= dataCount else {
        return "it is truncated: tensor '\(name)' ends at byte \(stop) of \(dataCount)"
      }
      end = stop
    }
    return end == dataCount ? nil : "it has \(dataCount - end) bytes after its last tensor"
  }
}
