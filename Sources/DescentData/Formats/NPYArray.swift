/// An array in NumPy's `.npy` format: reads versions 1 to 3, writes version 1; elements in row-major (C) order.
public struct NPYArray: Hashable, Sendable {
  public enum Elements: Hashable, Sendable {
    case float([Float])
    case double([Double])
    case bytes([UInt8])
    case int32([Int32])
    case int64([Int64])
  }

  public let shape: [Int]
  public let elements: Elements

  public init(_ elements: Elements, shape: [Int]) {
    precondition(
      shape.allSatisfy { $0 >= 0 } && elements.count == shape.reduce(1, *), "the shape must fit the elements")
    self.elements = elements
    self.shape = shape
  }

  /// - Throws: ``DataError`` if the file cannot be read, is not `.npy`, holds another type of element or Fortran order,
  ///   or is shorter or longer than its header says.
  public init(contentsOf path: String) throws(DataError) {
    let source = try ByteSource(path: path)
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
    let headerSize = 8 + lengthSize + length
    let header = try source.read(exactly: length, at: 8 + lengthSize)
    let description: Description
    do { description = try Description(String(decoding: header, as: UTF8.self)) } catch {
      throw .file(path, .malformedHeader(reason: error.reason))
    }
    let byteCount = description.count * description.elementSize
    let bytes = try source.read(exactly: byteCount, at: headerSize)
    try source.expectEnd(after: headerSize + byteCount)
    shape = description.shape
    switch description.type {
    case "f4": elements = .float(Self.reinterpret(bytes))
    case "f8": elements = .double(Self.reinterpret(bytes))
    case "i4": elements = .int32(Self.reinterpret(bytes))
    case "i8": elements = .int64(Self.reinterpret(bytes))
    default: elements = .bytes(bytes)
    }
  }

  /// Replaces the file at `path` as a whole.
  public func write(to path: String) throws(DataError) {
    let type =
      switch elements {
      case .float: "<f4"
      case .double: "<f8"
      case .bytes: "|u1"
      case .int32: "<i4"
      case .int64: "<i8"
      }
    let extents = shape.map { "\($0)," }.joined(separator: " ")
    var dictionary = "{'descr': '\(type)', 'fortran_order': False, 'shape': (\(extents)), }"
    // Elements begin at a multiple of 64.
    dictionary += String(repeating: " ", count: 63 - (10 + dictionary.utf8.count) % 64) + "\n"
    let length = dictionary.utf8.count
    let header = [0x93] + Array("NUMPY".utf8) + [1, 0, UInt8(length % 256), UInt8(length / 256)] + dictionary.utf8
    var failure: DataError?
    header.withUnsafeBytes { header in
      elements.withUnsafeBytes { body in
        do throws(DataError) { try writeAtomically(to: path, [header, body]) } catch { failure = error }
      }
    }
    if let failure { throw failure }
  }

  private static func reinterpret<Element>(_ bytes: [UInt8]) -> [Element] {
    let count = bytes.count / MemoryLayout<Element>.stride
    return [Element](unsafeUninitializedCapacity: count) { buffer, initialized in
      UnsafeMutableRawBufferPointer(buffer).copyBytes(from: bytes)
      initialized = count
    }
  }
}

extension NPYArray.Elements {
  public var count: Int {
    switch self {
    case .float(let a): a.count
    case .double(let a): a.count
    case .bytes(let a): a.count
    case .int32(let a): a.count
    case .int64(let a): a.count
    }
  }

  func withUnsafeBytes(_ body: (UnsafeRawBufferPointer) -> Void) {
    switch self {
    case .float(let a): a.withUnsafeBytes(body)
    case .double(let a): a.withUnsafeBytes(body)
    case .bytes(let a): a.withUnsafeBytes(body)
    case .int32(let a): a.withUnsafeBytes(body)
    case .int64(let a): a.withUnsafeBytes(body)
    }
  }
}

/// The header's dictionary, a Python literal: `{'descr': '<f4', 'fortran_order': False, 'shape': (3, 4), }`.
private struct Description {
  struct Malformed: Error { var reason: String }

  let type: String
  let shape: [Int]
  let count: Int
  let elementSize: Int

  init(_ text: String) throws(Malformed) {
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
    let sizes = ["<f4": 4, "<f8": 8, "<i4": 4, "<i8": 8, "|u1": 1, "<u1": 1]
    guard let elementSize = sizes[String(name)] else {
      throw Malformed(reason: "elements of type \(name) are not read; save as float32, float64, uint8, int32 or int64")
    }
    type = String(name.dropFirst())
    self.elementSize = elementSize

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
    self.shape = shape
    self.count = count

    let order = try value(of: "fortran_order")
    guard order.hasPrefix("False") || shape.count < 2 else {
      throw Malformed(reason: "elements are in Fortran order; save numpy.ascontiguousarray of it")
    }
  }
}
