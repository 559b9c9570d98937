import COneDNN
import Descent

/// The operations of one forward pass, recorded so that the gradient can be computed by walking back.
///
/// A ``Model`` gets a tape, applies operations to tensors and returns a ``Loss``. For evaluation nothing is recorded, and
/// each tensor's memory is used again as soon as the model lets go of it.
///
/// A tape is valid within the call that made it.
public final class Tape {
  let engine: Engine
  /// Whether dropout is active.
  public let isTraining: Bool
  /// Random numbers for dropout and samples; every draw moves it on.
  public var noise: RandomStream

  private let layout: ParameterLayout
  private let θ: UnsafePointer<Float>
  private let g: UnsafeMutablePointer<Float>?
  /// Which blocks of g this step has written: the first part of a gradient overwrites, the others add.
  private var isWritten: [Bool]
  private var entries: [(output: Tensor, backward: Backward)] = []

  /// Passes the gradient of an operation's output on to its inputs and parameters. The buffer is the closure's to use.
  typealias Backward = (_ outputGradient: Buffer) throws(NetworkError) -> Void

  init(
    engine: Engine, layout: ParameterLayout, θ: UnsafePointer<Float>, g: UnsafeMutablePointer<Float>?,
    noise: RandomStream
  ) {
    self.engine = engine
    self.layout = layout
    self.θ = θ
    self.g = g
    self.noise = noise
    isTraining = g != nil
    isWritten = Array(repeating: false, count: layout.blocks.count)
  }

  /// Whether operations must keep what their gradients need.
  var isRecording: Bool { g != nil }

  /// A dense tensor with unspecified values.
  func tensor(_ shape: [Int], isDifferentiable: Bool = true) -> Tensor {
    let buffer = engine.pool.buffer(count: shape.reduce(1, *))
    return Tensor(shape: shape, storage: .pooled(buffer), isDifferentiable: isDifferentiable && isRecording)
  }

  func record(_ output: Tensor, _ backward: @escaping Backward) {
    if isRecording, output.isDifferentiable { entries.append((output, backward)) }
  }

  /// The values of `parameter` in θ.
  func values(of parameter: Parameter) -> UnsafePointer<Float> { θ + layout.blocks[parameter.index].offset }

  /// Where to sum up the gradient of `parameter`: for the first part, which overwrites what is there, `isFirst` is true.
  func gradientTarget(of parameter: Parameter) -> (elements: UnsafeMutablePointer<Float>, isFirst: Bool) {
    defer { isWritten[parameter.index] = true }
    return (g! + layout.blocks[parameter.index].offset, !isWritten[parameter.index])
  }

  /// Fills g with ∂loss/∂θ.
  func backward(from loss: Loss) throws(NetworkError) {
    loss.seed(1)
    while let (output, backward) = entries.popLast() {
      if let gradient = output.takeGradient() { try backward(gradient) }
    }
    for (block, isWritten) in zip(layout.blocks, isWritten) where !isWritten {
      (g! + block.offset).update(repeating: 0, count: block.count)
    }
  }
}
