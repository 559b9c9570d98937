/// Arrays of bytes in the IDX format of LeCun's MNIST: magic number 0x0000_08dd (08 for bytes, dd the number of
/// dimensions), each dimension as a big-endian 32-bit number, then the elements in row-major order.
struct IDXArray: Sendable {
  let path: String
  let shape: [Int]
  let bytes: [UInt8]

  /// Reads the file at `path`, gzip or not, which must have `dimensions` dimensions.
  init(path: String, dimensions: Int) throws(DataError) {
    let source = try ByteSource(path: path)
    let headerSize = 4 + 4 * dimensions
    let header = try source.read(upTo: headerSize)
    let expectedMagic: [UInt8] = [0, 0, 8, UInt8(dimensions)]
    guard header.starts(with: expectedMagic) else {
      throw .file(path, .wrongMagic(expected: hex(expectedMagic), actual: hex(header.prefix(4))))
    }
    guard header.count == headerSize else {
      throw .file(path, .truncated(expected: headerSize, actual: header.count))
    }
    shape = (0..<dimensions).map { d in (4..<8).reduce(0) { $0 << 8 | Int(header[4 * d + $1]) } }
    self.path = path
    var size = 1
    for extent in shape {
      let (product, overflow) = size.multipliedReportingOverflow(by: extent)
      guard !overflow, product < 1 << 48 else {
        throw .file(
          path, .malformedHeader(reason: "dimensions \(shape) are too large; get it again from where it came"))
      }
      size = product
    }
    guard size > 0 else { throw .file(path, .noExamples) }
    bytes = try source.read(exactly: size, at: headerSize)
    try source.expectEnd(after: headerSize + size)
  }
}

func hex(_ bytes: some Sequence<UInt8>) -> String {
  "0x" + bytes.map { String(UInt16($0) + 0x100, radix: 16).dropFirst() }.joined()
}
