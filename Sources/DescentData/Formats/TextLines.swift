/// The lines of a text file in UTF-8, gzip or not, one at a time.
enum TextLines {
  /// The longest line to accept; without a bound, a file that is not text would fill the memory.
  private static let longestLine = 1 << 26
  private static let chunkSize = 1 << 20

  /// Calls `body` with each line, without its line break, and with the line's number.
  static func read(
    _ path: String, _ body: (UnsafeBufferPointer<UInt8>, Int) throws(DataError) -> Void
  ) throws(DataError) {
    let source = try ByteSource(path: path)
    var number = 0
    var pending: [UInt8] = []
    var isFirst = true
    while true {
      var chunk = try source.read(upTo: chunkSize)
      if chunk.isEmpty { break }
      if isFirst {
        if chunk.starts(with: [0xFF, 0xFE]) || chunk.starts(with: [0xFE, 0xFF]) {
          throw .file(path, .unsuitable(kind: "text in UTF-16", remedy: "save it in UTF-8"))
        }
        // The invisible mark that some editors put before UTF-8.
        if chunk.starts(with: [0xEF, 0xBB, 0xBF]) { chunk.removeFirst(3) }
        isFirst = false
      }
      pending += chunk
      guard pending.count < longestLine else {
        throw .file(path, .malformedLine(number + 1, reason: "the line does not end"))
      }
      let consumed = try pending.withUnsafeBufferPointer { bytes throws(DataError) in
        var start = 0
        while let end = bytes[start...].firstIndex(of: UInt8(ascii: "\n")) {
          number += 1
          try body(UnsafeBufferPointer(rebasing: bytes[start..<end]), number)
          start = end + 1
        }
        return start
      }
      pending.removeFirst(consumed)
    }
    if !pending.isEmpty {
      try pending.withUnsafeBufferPointer { bytes throws(DataError) in try body(bytes, number + 1) }
    }
  }
}
