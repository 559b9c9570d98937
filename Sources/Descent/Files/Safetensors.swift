#if canImport(Darwin)
  import Darwin
#elseif canImport(Musl)
  import Musl
#else
  import Glibc
#endif

/// A safetensors file opened for reading: named, shaped tensors and free text (the format of Hugging Face's library).
///
/// The whole header is checked when the file is opened; tensors are read one by one.
public struct Safetensors: ~Copyable {
  /// The file as the caller named it.
  public let path: String
  /// The file's free text.
  public let metadata: [String: String]
  private let entries: [String: SafetensorsHeader.Entry]
  private let dataStart: Int
  private let descriptor: Int32

  /// The tensors' names in the order of their bytes.
  public let names: [String]

  /// - Throws: ``SafetensorsError`` if the file cannot be read or contradicts the format.
  public init(path: String) throws(SafetensorsError) {
    let descriptor: Int32
    do throws(FileError) { descriptor = try openRegularFile(path) } catch {
      throw SafetensorsError(path: path, problem: error.description)
    }
    do throws(SafetensorsError) {
      let (header, dataStart) = try Self.readHeader(descriptor, path)
      self.path = path
      self.descriptor = descriptor
      self.dataStart = dataStart
      metadata = header.metadata
      entries = header.entries
      names = header.entries.sorted {
        ($0.value.data_offsets[0], $0.value.data_offsets[1], $0.key)
          < ($1.value.data_offsets[0], $1.value.data_offsets[1], $1.key)
      }.map(\.key)
    } catch {
      _ = close(descriptor)
      throw error
    }
  }

  deinit { _ = close(descriptor) }

  /// The shape of the tensor called `name`, or nil if there is none.
  public func shape(of name: String) -> [Int]? { entries[name]?.shape }

  /// The type of the tensor called `name`: `F32`, `F64`, `BF16`, …
  public func type(of name: String) -> String? { entries[name]?.dtype }

  /// The elements of the tensor called `name`, row-major.
  /// - Throws: ``SafetensorsError`` if there is none, its type is not the scalar's, or the file ends early.
  public func values<Scalar: LaneScalar>(
    of name: String, as scalar: Scalar.Type = Scalar.self
  ) throws(SafetensorsError) -> [Scalar] {
    let count = entries[name]?.shape.reduce(1, *) ?? 0
    try requireMemory(count, of: MemoryLayout<Scalar>.stride, tensor: name)
    var values = [Scalar](repeating: 0, count: count)
    let result = values.withUnsafeMutableBufferPointer { buffer -> Result<Void, SafetensorsError> in
      do throws(SafetensorsError) { return .success(try read(name, into: buffer)) } catch { return .failure(error) }
    }
    try result.get()
    return values
  }

  /// Fills `buffer` with the tensor's elements from number `first` on; there must be enough of them.
  package func read<Scalar: LaneScalar>(
    _ name: String, from first: Int = 0, into buffer: UnsafeMutableBufferPointer<Scalar>
  ) throws(SafetensorsError) {
    guard let entry = entries[name] else {
      throw SafetensorsError(path: path, problem: "it has no tensor '\(name)'")
    }
    guard entry.dtype == Scalar.safetensorsName else {
      throw SafetensorsError(
        path: path, problem: "tensor '\(name)' has type \(entry.dtype), expected \(Scalar.safetensorsName)")
    }
    let offset = dataStart + entry.data_offsets[0] + first * MemoryLayout<Scalar>.stride
    try Self.read(descriptor, path, into: UnsafeMutableRawBufferPointer(buffer), at: offset)
  }

  /// The bytes of the tensor called `name`, whatever its type.
  package func bytes(of name: String) throws(SafetensorsError) -> [UInt8] {
    guard let entry = entries[name] else {
      throw SafetensorsError(path: path, problem: "it has no tensor '\(name)'")
    }
    let count = entry.data_offsets[1] - entry.data_offsets[0]
    try requireMemory(count, of: 1, tensor: name)
    var bytes = [UInt8](repeating: 0, count: count)
    try Self.read(descriptor, path, into: &bytes, at: dataStart + entry.data_offsets[0])
    return bytes
  }

  /// The elements of the tensor called `name`, of type I16.
  package func integers(of name: String) throws(SafetensorsError) -> [Int16] {
    let bytes = try bytes(of: name)
    guard type(of: name) == "I16" else {
      throw SafetensorsError(path: path, problem: "tensor '\(name)' has type \(type(of: name) ?? ""), expected I16")
    }
    return stride(from: 0, to: bytes.count, by: 2).map {
      Int16(bitPattern: UInt16(bytes[$0]) | UInt16(bytes[$0 + 1]) << 8)
    }
  }

  private func requireMemory(_ count: Int, of size: Int, tensor name: String) throws(SafetensorsError) {
    do throws(MemoryShortage) { try MemoryBudget.require(Double(count) * Double(size)) } catch {
      throw SafetensorsError(path: path, problem: "tensor '\(name)' is too large: \(error)")
    }
  }

  private static func readHeader(
    _ descriptor: Int32, _ path: String
  ) throws(SafetensorsError) -> (SafetensorsHeader, dataStart: Int) {
    var status = stat()
    guard fstat(descriptor, &status) == 0 else {
      throw SafetensorsError(path: path, problem: FileError(.read, path: path, code: errno).description)
    }
    let fileCount = Int(status.st_size)
    var prefix = [UInt8](repeating: 0, count: 8)
    guard fileCount >= 8 else { throw SafetensorsError(path: path, problem: "it is truncated: \(fileCount) bytes") }
    try read(descriptor, path, into: &prefix, at: 0)
    let length = prefix.reversed().reduce(0 as UInt64) { $0 << 8 | UInt64($1) }
    guard length <= 100_000_000 else {
      throw SafetensorsError(path: path, problem: "it is no safetensors file: its header would have \(length) bytes")
    }
    guard 8 + Int(length) <= fileCount else {
      throw SafetensorsError(path: path, problem: "it is truncated in its header")
    }
    var json = [UInt8](repeating: 0, count: Int(length))
    try read(descriptor, path, into: &json, at: 8)
    let header: SafetensorsHeader
    do throws(SafetensorsHeaderParser.Malformed) { header = try SafetensorsHeaderParser.parse(json) } catch {
      throw SafetensorsError(
        path: path,
        problem: "it is no safetensors file: its header cannot be read, after \(error.position) bytes: \(error.reason)")
    }
    let dataStart = 8 + Int(length)
    if let problem = header.problem(dataCount: fileCount - dataStart) {
      throw SafetensorsError(path: path, problem: problem)
    }
    return (header, dataStart)
  }

  private static func read(
    _ descriptor: Int32, _ path: String, into bytes: inout [UInt8], at offset: Int
  ) throws(SafetensorsError) {
    let result = bytes.withUnsafeMutableBytes { buffer -> Result<Void, SafetensorsError> in
      do throws(SafetensorsError) {
        return .success(try read(descriptor, path, into: buffer, at: offset))
      } catch { return .failure(error) }
    }
    try result.get()
  }

  private static func read(
    _ descriptor: Int32, _ path: String, into buffer: UnsafeMutableRawBufferPointer, at offset: Int
  ) throws(SafetensorsError) {
    var done = 0
    while done < buffer.count {
      let count = pread(descriptor, buffer.baseAddress! + done, min(buffer.count - done, 1 << 30), off_t(offset + done))
      if count < 0, errno == EINTR { continue }
      guard count > 0 else {
        let reason = count == 0 ? "it ends early" : FileError(.read, path: path, code: errno).description
        throw SafetensorsError(path: path, problem: reason)
      }
      done += count
    }
  }
}

/// Why a safetensors file is refused.
public struct SafetensorsError: Error, Hashable, CustomStringConvertible {
  /// The file, as the caller named it.
  public let path: String
  public let problem: String

  public var description: String { "'\(path)': \(problem)" }
}
