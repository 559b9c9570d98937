import Descent
import DescentData

/// A file of tensors in float32 or float64. Their rows along the first axis are read in order.
protocol TensorInput: AnyObject {
  /// The file as the user named it.
  var path: String { get }
  /// The tensors in the order of the file.
  var tensors: [TensorDescription] { get }

  /// Fills `buffer` with the tensor's elements from number `first` on. `Scalar` must be the stored type.
  func read<Scalar: LaneScalar>(
    _ tensor: TensorDescription, from first: Int, into buffer: UnsafeMutableBufferPointer<Scalar>) throws
}

struct TensorDescription: Hashable, Sendable {
  let name: String
  let shape: [Int]
  let precision: Precision
}

extension TensorInput {
  /// Fills `buffer` with the tensor's elements from number `first` on. They are converted if the stored type is
  /// another.
  func fill<Scalar: LaneScalar>(
    _ buffer: UnsafeMutableBufferPointer<Scalar>, from tensor: TensorDescription, at first: Int
  ) throws {
    switch tensor.precision {
    case Scalar.precision: try read(tensor, from: first, into: buffer)
    case .float: try convert(Float.self, buffer, from: tensor, at: first)
    case .double: try convert(Double.self, buffer, from: tensor, at: first)
    }
  }

  private func convert<Stored: LaneScalar, Scalar: LaneScalar>(
    _: Stored.Type, _ buffer: UnsafeMutableBufferPointer<Scalar>, from tensor: TensorDescription, at first: Int
  ) throws {
    try withUnsafeTemporaryAllocation(of: Stored.self, capacity: buffer.count) { stored in
      stored.initialize(repeating: 0)
      try read(tensor, from: first, into: stored)
      for i in 0..<buffer.count { buffer[i] = Scalar(stored[i]) }
    }
  }
}

extension LaneScalar {
  static var precision: Precision { Self.self == Float.self ? .float : .double }
}

/// Opens a `.npy` or `.safetensors` file.
func openTensors(_ path: String) throws -> any TensorInput {
  switch try TensorFormat(of: path) {
  case .npy: try NPYInput(path: path)
  case .safetensors: try SafetensorsInput(path: path)
  }
}

/// The file formats for tensors.
enum TensorFormat: String {
  case npy, safetensors

  /// The format that the file name extension of `path` stands for.
  init(of path: String) throws(ReplayError) {
    guard let format = TensorFormat(rawValue: String(path.split(separator: ".").last ?? "").lowercased()) else {
      throw .file(path, "its name ends neither in .npy nor in .safetensors: use one of these formats")
    }
    self = format
  }
}

/// The one array of a `.npy` file, called `x`.
private final class NPYInput: TensorInput {
  let path: String
  let tensors: [TensorDescription]
  private let reader: NPYReader
  private var position = 0

  init(path: String) throws {
    self.path = path
    reader = try NPYReader(path: path)
    let precision: Precision
    switch reader.header.type {
    case .float32: precision = .float
    case .float64: precision = .double
    default:
      throw ReplayError.file(path, "it has elements of type \(reader.header.type.rawValue): save float32 or float64")
    }
    tensors = [TensorDescription(name: "x", shape: reader.header.shape, precision: precision)]
  }

  func read<Scalar: LaneScalar>(
    _ tensor: TensorDescription, from first: Int, into buffer: UnsafeMutableBufferPointer<Scalar>
  ) throws {
    precondition(first == position, "rows are read in order")
    try reader.read(into: UnsafeMutableRawBufferPointer(buffer))
    position += buffer.count
  }
}

private final class SafetensorsInput: TensorInput {
  let path: String
  let tensors: [TensorDescription]
  private let file: Safetensors

  init(path: String) throws {
    self.path = path
    let file = try Safetensors(path: path)
    var tensors: [TensorDescription] = []
    for name in file.names {
      let type = file.type(of: name) ?? ""
      guard let precision = [Float.safetensorsName: Precision.float, Double.safetensorsName: .double][type] else {
        throw ReplayError.file(path, "tensor '\(name)' has type \(type): save F32 or F64")
      }
      tensors.append(TensorDescription(name: name, shape: file.shape(of: name) ?? [], precision: precision))
    }
    guard !tensors.isEmpty else { throw ReplayError.file(path, "it has no tensors: save at least one") }
    self.tensors = tensors
    self.file = file
  }

  func read<Scalar: LaneScalar>(
    _ tensor: TensorDescription, from first: Int, into buffer: UnsafeMutableBufferPointer<Scalar>
  ) throws {
    try file.read(tensor.name, from: first, into: buffer)
  }
}
