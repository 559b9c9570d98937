import Descent

/// A file with rows of parameters: one tensor for each block of a layout, with the rows along its first axis.
struct TrajectoryInput {
  let rows: Int
  private let file: any TensorInput
  /// The blocks' tensors, in the order of the layout.
  private let tensors: [TensorDescription]

  var path: String { file.path }
  var precisions: Set<Precision> { Set(tensors.map(\.precision)) }
  /// The finest of the tensors' types.
  var precision: Precision { precisions.contains(.double) ? .double : .float }
  var typeName: String { precisions.count == 1 ? precision.numPyName : "float32 and float64" }

  /// Makes the initial values an input of one row. Their file has no axis for rows.
  init(initial file: any TensorInput) {
    self.file = file
    rows = 1
    tensors = file.tensors
  }

  /// Opens the file at `path`. Its tensors must have the names and shapes of `layout`. If there is only one
  /// parameter, its name does not matter.
  ///
  /// - Parameters:
  ///   - initial: The file from which the layout comes, for messages.
  ///   - rows: The required number of rows; nil for any number.
  init(_ path: String, _ layout: ParameterLayout, initial: String, rows expectedRows: Int?) throws {
    file = try openTensors(path)
    let blocks = layout.blocks
    var byName = Dictionary(uniqueKeysWithValues: file.tensors.map { ($0.name, $0) })
    if blocks.count == 1, byName.count == 1 { byName = [blocks[0].name: file.tensors[0]] }
    let names = Set(blocks.map(\.name))
    guard names == Set(byName.keys) else {
      throw ReplayError.names(
        path, missing: names.subtracting(byName.keys).sorted(), extra: Set(byName.keys).subtracting(names).sorted(),
        initial: initial)
    }
    tensors = blocks.compactMap { byName[$0.name] }
    let rows = expectedRows ?? tensors[0].shape.first ?? 0
    self.rows = rows
    for (tensor, block) in zip(tensors, blocks) where tensor.shape != [rows] + block.shape {
      let isShort = tensor.shape == [rows - 1] + block.shape && expectedRows != nil
      let first = expectedRows == nil && tensor.name == tensors[0].name ? "T" : "\(rows)"
      throw ReplayError.shape(
        path, tensor: tensor.name, found: tensor.shape, expected: [first] + block.shape.map(String.init),
        remedy: isShort
          ? "its first row must be the initial values"
          : "the first axis counts the \(expectedRows == nil ? "gradients" : "steps from 0"), "
            + "the others are those of '\(initial)'")
    }
  }

  /// Reads row number `row` into `vector`. Its layout must be the one with which the input was opened.
  func read<Scalar: LaneScalar>(row: Int, into vector: inout ParameterVector<Scalar>) throws {
    let blocks = vector.layout.blocks
    try vector.withUnsafeMutableElements { elements in
      for (tensor, block) in zip(tensors, blocks) {
        try file.fill(
          UnsafeMutableBufferPointer(rebasing: elements[block.elements]), from: tensor, at: row * block.count)
      }
    }
  }

  /// Compares `vector` with row number `row`.
  func compare<Scalar: LaneScalar>(
    _ vector: ParameterVector<Scalar>, row: Int, into comparison: inout TrajectoryComparison
  ) throws {
    switch comparison.precision {
    case .float: try compare(vector, Float.self, row: row, into: &comparison)
    case .double: try compare(vector, Double.self, row: row, into: &comparison)
    }
  }

  private func compare<Scalar: LaneScalar, Unit: LaneScalar>(
    _ vector: ParameterVector<Scalar>, _: Unit.Type, row: Int, into comparison: inout TrajectoryComparison
  ) throws {
    for (tensor, block) in zip(tensors, vector.layout.blocks) {
      try withUnsafeTemporaryAllocation(of: Unit.self, capacity: block.count) { expected in
        expected.initialize(repeating: 0)
        try file.fill(expected, from: tensor, at: row * block.count)
        vector.withUnsafeElements {
          comparison.compare($0[block.elements], with: UnsafeBufferPointer(expected), step: row, of: block)
        }
      }
    }
  }
}
