/// Collects tensors and writes them as one safetensors file, atomically.
struct SafetensorsWriter<Scalar: LaneScalar> {
  private var header = SafetensorsHeader()
  private var pieces: [(inout AtomicFile) throws -> Void] = []
  private var byteCount = 0

  var metadata: [String: String] {
    get { header.metadata }
    set { header.metadata = newValue }
  }

  /// Adds each block of `vector` under its name after `prefix`.
  mutating func add(_ vector: ParameterVector<Scalar>, prefix: String = "") {
    for block in vector.layout.blocks {
      add(Scalar.self, name: prefix + block.name, shape: block.shape, count: block.count) { file in
        let result = vector.withUnsafeElements {
          Self.write(UnsafeBufferPointer(rebasing: $0[block.elements]), to: &file)
        }
        try result.get()
      }
    }
  }

  /// Adds `array` under `name`.
  mutating func add<Element: LaneScalar>(_ array: LaneArray<Element>, name: String) {
    add(Element.self, name: name, shape: array.shape, count: array.count) { file in
      let result = array.values.withUnsafeBufferPointer { Self.write($0, to: &file) }
      try result.get()
    }
  }

  /// Adds the codes of `slot`, called `name`, and their offsets.
  mutating func add(_ slot: CodedSlot, name: String) {
    for (parameter, tensor) in slot.tensors.sorted(by: { $0.key < $1.key }) {
      add(tensor.type, name: "\(name)/\(parameter)", shape: tensor.shape, bytes: tensor.bytes)
      guard !tensor.offsets.isEmpty else { continue }
      add(
        "I16", name: name + CodedSlot.offsetsInfix + parameter, shape: [tensor.offsets.count],
        bytes: tensor.offsets.flatMap {
          [UInt8(truncatingIfNeeded: $0), UInt8(truncatingIfNeeded: $0 >> 8)]
        })
    }
  }

  private mutating func add(_ type: String, name: String, shape: [Int], bytes: [UInt8]) {
    add(type, name: name, shape: shape, byteCount: bytes.count) { file in
      let result = bytes.withUnsafeBufferPointer { Self.write($0, to: &file) }
      try result.get()
    }
  }

  private mutating func add<Element: LaneScalar>(
    _ type: Element.Type, name: String, shape: [Int], count: Int, write: @escaping (inout AtomicFile) throws -> Void
  ) {
    add(
      Element.safetensorsName, name: name, shape: shape, byteCount: count * MemoryLayout<Element>.stride, write: write)
  }

  private mutating func add(
    _ type: String, name: String, shape: [Int], byteCount count: Int,
    write: @escaping (inout AtomicFile) throws -> Void
  ) {
    let end = byteCount + count
    header.entries[name] = SafetensorsHeader.Entry(dtype: type, shape: shape, data_offsets: [byteCount, end])
    byteCount = end
    pieces.append(write)
  }

  private static func write<Element>(
    _ elements: UnsafeBufferPointer<Element>, to file: inout AtomicFile
  ) -> Result<Void, FileError> {
    do throws(FileError) {
      return .success(try file.write(UnsafeRawBufferPointer(elements)))
    } catch { return .failure(error) }
  }

  /// Replaces the file at `path`.
  func write(to path: String) throws {
    var file = try AtomicFile(replacing: path)
    try file.write(try header.encoded())
    for piece in pieces { try piece(&file) }
    try file.commit()
  }
}
