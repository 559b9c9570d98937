import CZlib
import Descent
import Foundation

/// The bytes of a file from beginning to end; a gzip file is decompressed while it is read.
///
/// Only the bytes that a reader asks for are decompressed, so a small file cannot unfold into more than that.
final class ByteSource {
  let path: String
  let isCompressed: Bool
  /// The file cannot yield more bytes than this: deflate expands by less than 1032 times.
  let largestSize: Int
  private let descriptor: Int32
  /// The stream must not move, because zlib keeps a pointer to it.
  private let stream: UnsafeMutablePointer<z_stream>
  /// Compressed bytes on their way to zlib.
  private let chunk: UnsafeMutableBufferPointer<UInt8>
  private var ended = false

  init(path: String) throws(DataError) {
    self.path = path
    do throws(FileError) { descriptor = try openRegularFile(path) } catch { throw .file(path, FileProblem(error)) }
    stream = .allocate(capacity: 1)
    stream.initialize(to: z_stream())
    let size = fileSize(of: descriptor)
    var start = [UInt8](repeating: 0, count: FileKind.markLength)
    start.removeLast(start.count - max(0, pread(descriptor, &start, start.count, 0)))
    isCompressed = start.starts(with: [0x1F, 0x8B])
    let (expanded, overflow) = size.multipliedReportingOverflow(by: 1032)
    largestSize = isCompressed ? (overflow ? .max : expanded) : size
    chunk = .allocate(capacity: isCompressed ? 1 << 18 : 0)
    if let problem = FileKind.problem(of: start) { throw .file(path, problem) }
    if isCompressed, inflateInit2_(stream, 16 + MAX_WBITS, ZLIB_VERSION, Int32(MemoryLayout<z_stream>.size)) != Z_OK {
      throw .file(path, .unreadable(reason: "out of memory"))
    }
  }

  deinit {
    inflateEnd(stream)
    stream.deallocate()
    chunk.deallocate()
    close(descriptor)
  }

  /// Fills `buffer` as far as bytes are left, and returns the number of bytes read.
  func read(into buffer: UnsafeMutableRawBufferPointer) throws(DataError) -> Int {
    guard isCompressed else { return try readFile(into: buffer) }
    var filled = 0
    while filled < buffer.count, !ended {
      if stream.pointee.avail_in == 0 { try refill() }
      let room = min(buffer.count - filled, 1 << 30)
      stream.pointee.next_out = buffer.baseAddress!.advanced(by: filled).assumingMemoryBound(to: UInt8.self)
      stream.pointee.avail_out = UInt32(room)
      let result = inflate(stream, Z_NO_FLUSH)
      filled += room - Int(stream.pointee.avail_out)
      switch result {
      case Z_OK: continue
      case Z_STREAM_END: try beginNextMember()
      case Z_BUF_ERROR where stream.pointee.avail_in == 0: try refill()
      default:
        throw .file(path, .corruptGzip(reason: stream.pointee.msg.map { String(cString: $0) } ?? "error \(result)"))
      }
    }
    return filled
  }

  /// The next `count` bytes, or fewer if fewer are left.
  func read(upTo count: Int) throws(DataError) -> [UInt8] {
    var failure: DataError?
    let bytes = [UInt8](unsafeUninitializedCapacity: min(count, largestSize)) { buffer, initialized in
      do throws(DataError) { initialized = try read(into: UnsafeMutableRawBufferPointer(buffer)) } catch {
        failure = error
      }
    }
    if let failure { throw failure }
    return bytes
  }

  /// The next `count` bytes; `offset` is the number of bytes before them. Throws before it takes memory if the file
  /// cannot hold so many, or if they do not fit into the memory.
  func read(exactly count: Int, at offset: Int) throws(DataError) -> [UInt8] {
    try read(exactly: count, of: UInt8.self, at: offset)
  }

  /// The next `count` elements, with the same checks.
  func read<Element: BitwiseCopyable>(
    exactly count: Int, of type: Element.Type, at offset: Int
  ) throws(DataError) -> [Element] {
    let byteCount = count * MemoryLayout<Element>.stride
    guard byteCount <= largestSize, offset <= largestSize - byteCount else {
      throw .file(path, .truncated(expected: offset + byteCount, actual: largestSize))
    }
    do throws(MemoryShortage) { try MemoryBudget.require(Double(byteCount)) } catch {
      throw .file(path, .tooLarge(error))
    }
    var failure: DataError?
    let elements = [Element](unsafeUninitializedCapacity: count) { buffer, initialized in
      do throws(DataError) {
        let bytes = UnsafeMutableRawBufferPointer(UnsafeMutableBufferPointer(rebasing: buffer[..<count]))
        let read = try read(into: bytes)
        initialized = read / MemoryLayout<Element>.stride
        if read < byteCount { failure = .file(path, .truncated(expected: offset + byteCount, actual: offset + read)) }
      } catch { failure = error }
    }
    if let failure { throw failure }
    return elements
  }

  /// Refuses the file if bytes are left; this also checks gzip's own checksum and length.
  func expectEnd(after size: Int) throws(DataError) {
    var byte: UInt8 = 0
    let extra = try withUnsafeMutableBytes(of: &byte) { buffer throws(DataError) in try read(into: buffer) }
    guard extra == 0 else { throw .file(path, .oversized(expected: size)) }
  }

  private func readFile(into buffer: UnsafeMutableRawBufferPointer) throws(DataError) -> Int {
    guard let count = readFully(descriptor, into: buffer) else { throw .file(path, .unreadable(reason: systemReason)) }
    return count
  }

  private func refill() throws(DataError) {
    let got = try readFile(into: UnsafeMutableRawBufferPointer(chunk))
    guard got > 0 else { throw .file(path, .corruptGzip(reason: "it ends in the middle")) }
    stream.pointee.next_in = chunk.baseAddress
    stream.pointee.avail_in = UInt32(got)
  }

  /// A gzip file may be several gzip files, one after the other.
  private func beginNextMember() throws(DataError) {
    if stream.pointee.avail_in == 0 {
      let got = try readFile(into: UnsafeMutableRawBufferPointer(chunk))
      stream.pointee.next_in = chunk.baseAddress
      stream.pointee.avail_in = UInt32(got)
      if got == 0 {
        ended = true
        return
      }
    }
    guard stream.pointee.next_in.pointee == 0x1F else {
      throw .file(path, .corruptGzip(reason: "other bytes follow the compressed ones"))
    }
    inflateReset(stream)
  }
}

extension FileProblem {
  /// Why a file could not be opened or read.
  init(_ error: FileError) {
    switch error.code {
    case EISDIR: self = .unsuitable(kind: "a folder", remedy: "give the path of a file")
    case ESPIPE:
      self = .unsuitable(
        kind: "a pipe, a device or another special file",
        remedy: "write what comes from it into a file, and give that")
    default: self = .unreadable(reason: String(cString: strerror(error.code)))
    }
  }
}
