import Descent

/// Sums up the parameters' gradients in the backward pass through the tape.
protocol GradientSink: AnyObject {
  /// The memory for the sum of `parameter`'s gradient. If `isFirst` is true, the caller overwrites it, else adds to it.
  func target(of parameter: Parameter) -> (elements: UnsafeMutablePointer<Float>, isFirst: Bool)
  /// States that the gradient of parameter number `index` is complete.
  func complete(_ index: Int)
}

/// Sums up all gradients in one vector.
final class WholeGradient: GradientSink {
  private let layout: ParameterLayout
  private let g: UnsafeMutablePointer<Float>
  private var isWritten: [Bool]

  init(_ g: UnsafeMutablePointer<Float>, layout: ParameterLayout) {
    self.g = g
    self.layout = layout
    isWritten = Array(repeating: false, count: layout.blocks.count)
  }

  func target(of parameter: Parameter) -> (elements: UnsafeMutablePointer<Float>, isFirst: Bool) {
    defer { isWritten[parameter.index] = true }
    return (g + layout.blocks[parameter.index].offset, !isWritten[parameter.index])
  }

  func complete(_ index: Int) {
    let block = layout.blocks[index]
    if !isWritten[index] { (g + block.offset).update(repeating: 0, count: block.count) }
  }
}

/// Memory for gradients that nobody wants: those of biases in a pass for an observer alone.
final class Scrap: GradientSink {
  private let pool: BufferPool
  private var buffers: [Buffer] = []

  init(pool: BufferPool) { self.pool = pool }

  func target(of parameter: Parameter) -> (elements: UnsafeMutablePointer<Float>, isFirst: Bool) {
    let buffer = pool.buffer(count: parameter.count)
    buffers.append(buffer)
    return (buffer.elements, true)
  }

  func complete(_ index: Int) {}
}

/// Hands each gradient to the optimizer when it is complete, and then reuses its memory.
final class BlockGradients: GradientSink {
  private let step: BlockStep<Float>
  private let pool: BufferPool
  private var gradients: [Buffer?]
  private let largest: Int

  init(_ step: BlockStep<Float>, pool: BufferPool) {
    self.step = step
    self.pool = pool
    largest = ParameterLayout.padded(step.layout.blocks.map(\.count).max() ?? 0)
    gradients = Array(repeating: nil, count: step.layout.blocks.count)
  }

  func target(of parameter: Parameter) -> (elements: UnsafeMutablePointer<Float>, isFirst: Bool) {
    if let gradient = gradients[parameter.index] { return (gradient.elements, false) }
    // Large gradients come one after the other, so they share buffers of the largest one's size.
    let count = ParameterLayout.padded(parameter.count)
    let gradient = pool.buffer(count: 8 * count > largest ? largest : count)
    gradients[parameter.index] = gradient
    return (gradient.elements, true)
  }

  func complete(_ index: Int) {
    let count = step.layout.blocks[index].count
    let padded = ParameterLayout.padded(count)
    let gradient = gradients[index] ?? pool.buffer(count: padded)
    let written = gradients[index] == nil ? 0 : count
    (gradient.elements + written).update(repeating: 0, count: padded - written)
    step.update(block: index, gradient: gradient.elements)
    gradients[index] = nil
  }
}
