import Descent
import DescentData

/// Writes the parameters after each step to a `.npy` or `.safetensors` file. The file appears when it is complete.
struct TrajectoryWriter<Scalar: LaneScalar>: ~Copyable {
  private var file: AtomicFile
  private let blocks: [ParameterLayout.Block]
  /// Where each block's first row begins in the file.
  private let starts: [Int]

  /// - Throws: ``ReplayError`` if the format cannot hold the parameters, `FileError` if the file cannot be created.
  init(replacing path: String, layout: ParameterLayout, rows: Int) throws {
    let blocks = layout.blocks
    var starts: [Int] = []
    let header: [UInt8]
    switch try TensorFormat(of: path) {
    case .npy:
      guard let block = blocks.first, blocks.count == 1 else {
        throw ReplayError.file(path, "a .npy file holds one parameter, not \(blocks.count): write .safetensors")
      }
      header = NPYHeader.encoded(Scalar.precision == .float ? .float32 : .float64, shape: [rows] + block.shape)
      starts = [header.count]
    case .safetensors:
      var description = SafetensorsHeader()
      var end = 0
      for block in blocks {
        let start = end
        end += rows * block.count * MemoryLayout<Scalar>.stride
        starts.append(start)
        description.entries[block.name] = SafetensorsHeader.Entry(
          dtype: Scalar.safetensorsName, shape: [rows] + block.shape, data_offsets: [start, end])
      }
      header = try description.encoded()
      for i in starts.indices { starts[i] += header.count }
    }
    var file = try AtomicFile(replacing: path)
    try file.write(header)
    self.file = file
    self.blocks = blocks
    self.starts = starts
  }

  /// Writes row number `row` of every block.
  mutating func write(_ θ: ParameterVector<Scalar>, row: Int) throws(FileError) {
    for (block, start) in zip(blocks, starts) {
      let result = θ.withUnsafeElements { elements -> Result<Void, FileError> in
        let values = UnsafeRawBufferPointer(UnsafeBufferPointer(rebasing: elements[block.elements]))
        do throws(FileError) { return .success(try file.write(values, at: start + row * values.count)) } catch {
          return .failure(error)
        }
      }
      try result.get()
    }
  }

  /// Puts the complete file in its place.
  consuming func commit() throws(FileError) { try file.commit() }
}
