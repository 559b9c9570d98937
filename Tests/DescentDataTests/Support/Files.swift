import CZlib
import Foundation
import Testing

/// `bytes` as gzip, by zlib's own deflate.
func gzip(_ bytes: [UInt8]) -> [UInt8] {
  var stream = z_stream()
  let version = ZLIB_VERSION
  deflateInit2_(
    &stream, 6, Z_DEFLATED, 16 + MAX_WBITS, 8, Z_DEFAULT_STRATEGY, version, Int32(MemoryLayout<z_stream>.size))
  defer { deflateEnd(&stream) }
  var input = bytes
  var output = [UInt8](repeating: 0, count: Int(deflateBound(&stream, UInt(bytes.count))) + 64)
  let written = input.withUnsafeMutableBufferPointer { input in
    output.withUnsafeMutableBufferPointer { output in
      stream.next_in = input.baseAddress
      stream.avail_in = UInt32(input.count)
      stream.next_out = output.baseAddress
      stream.avail_out = UInt32(output.count)
      deflate(&stream, Z_FINISH)
      return output.count - Int(stream.avail_out)
    }
  }
  return Array(output[..<written])
}

/// The folder with real files: `$DESCENT_DATA`, else `../shared/data` beside the package.
enum RealData {
  static let root: URL = {
    if let path = ProcessInfo.processInfo.environment["DESCENT_DATA"] { return URL(filePath: path) }
    var package = URL(filePath: #filePath)
    for _ in 0..<4 { package.deleteLastPathComponent() }
    return package.deletingLastPathComponent().appending(path: "shared/data")
  }()

  static func has(_ path: String) -> Bool {
    FileManager.default.fileExists(atPath: root.appending(path: path).path(percentEncoded: false))
  }

  static func missing(_ path: String) -> Comment { "skipped where \(path) is not in $DESCENT_DATA (\(root.path()))" }
}
