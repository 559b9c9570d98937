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
    let header = try NPYHeader(of: source)
    func read<Element: BitwiseCopyable>(_ type: Element.Type) throws(DataError) -> [Element] {
      let elements = try source.read(exactly: header.shape.reduce(1, *), of: type, at: header.size)
      try source.expectEnd(after: header.size + header.byteCount)
      return elements
    }
    shape = header.shape
    elements =
      switch header.type {
      case .float32: .float(try read(Float.self))
      case .float64: .double(try read(Double.self))
      case .int32: .int32(try read(Int32.self))
      case .int64: .int64(try read(Int64.self))
      case .uint8: .bytes(try read(UInt8.self))
      }
  }

  /// Writes the array to `path`; replaces the file there as a whole.
  public func write(to path: String) throws(DataError) {
    let type: NPYHeader.ElementType =
      switch elements {
      case .float: .float32
      case .double: .float64
      case .bytes: .uint8
      case .int32: .int32
      case .int64: .int64
      }
    let header = NPYHeader.encoded(type, shape: shape)
    var failure: DataError?
    header.withUnsafeBytes { header in
      elements.withUnsafeBytes { body in
        do throws(DataError) { try writeAtomically(to: path, [header, body]) } catch { failure = error }
      }
    }
    if let failure { throw failure }
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
