/// One record of a TFRecord file: the length (8 bytes), its masked checksum (4), the data, their masked checksum (4);
/// all numbers are little-endian.
enum RecordFrame {
  static func encode(_ data: [UInt8]) -> [UInt8] {
    let length = littleEndian(UInt64(data.count))
    return length + littleEndian(CRC32C.masked(length)) + data + littleEndian(CRC32C.masked(data))
  }

  /// Removes the first record from `bytes` and returns its data; nil if the record is incomplete or damaged.
  static func decode(_ bytes: inout ArraySlice<UInt8>) -> [UInt8]? {
    let length = bytes.prefix(8)
    guard bytes.count >= 16, number(length) <= UInt64(bytes.count - 16),
      number(bytes.dropFirst(8).prefix(4)) == CRC32C.masked(length)
    else { return nil }
    let data = bytes.dropFirst(12).prefix(Int(number(length)))
    guard number(bytes.dropFirst(12 + data.count).prefix(4)) == CRC32C.masked(data) else { return nil }
    bytes = bytes.dropFirst(16 + data.count)
    return Array(data)
  }

  private static func littleEndian(_ value: some FixedWidthInteger) -> [UInt8] {
    withUnsafeBytes(of: value.littleEndian) { Array($0) }
  }

  private static func number(_ littleEndian: ArraySlice<UInt8>) -> UInt64 {
    littleEndian.reversed().reduce(0) { $0 << 8 | UInt64($1) }
  }
}
