/// Collects tensors and writes them as one safetensors file, atomically.
struct SafetensorsWriter<Scalar: LaneScalar> {
  private var header = SafetensorsHeader()
  private var vectors: [ParameterVector<Scalar>] = []
  private var byteCount = 0

  var metadata: [String: String] {
    get { header.metadata }
    set { header.metadata = newValue }
  }

  /// Adds each block of `vector` under its name after `prefix`.
  mutating func add(_ vector: ParameterVector<Scalar>, prefix: String = "") {
    for block in vector.layout.blocks {
      let end = byteCount + block.count * MemoryLayout<Scalar>.stride
      header.entries[prefix + block.name] = SafetensorsHeader.Entry(
        dtype: Scalar.safetensorsName, shape: block.shape, data_offsets: [byteCount, end])
      byteCount = end
    }
    vectors.append(vector)
  }

  /// Adds `array` under `name`.
  mutating func add(_ array: LaneArray<Scalar>, name: String) throws(LayoutError) {
    var vector = ParameterVector<Scalar>(zeros: try ParameterLayout([(name, array.shape)]))
    try vector.assign(array.values, to: name)
    add(vector)
  }

  /// Replaces the file at `path`.
  func write(to path: String) throws {
    var file = try AtomicFile(replacing: path)
    try file.write(try header.encoded())
    for vector in vectors {
      for block in vector.layout.blocks {
        let result = vector.withUnsafeElements { elements -> Result<Void, FileError> in
          do throws(FileError) {
            return .success(
              try file.write(UnsafeRawBufferPointer(UnsafeBufferPointer(rebasing: elements[block.elements]))))
          } catch { return .failure(error) }
        }
        try result.get()
      }
    }
    try file.commit()
  }
}
