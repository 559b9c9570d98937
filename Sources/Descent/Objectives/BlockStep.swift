/// A step in progress that updates each block of θ as soon as its gradient is known: while it is still in cache, and
/// without memory for the gradients of the others. An optimizer with ``Optimizer/stepsByBlock`` hands it to a
/// ``BlockwiseObjective``.
public struct BlockStep<Scalar: LaneScalar> {
  /// The layout of θ.
  public let layout: ParameterLayout
  /// θ's elements: the layout's offsets are positions in it. Blocks change as they are updated.
  public let parameters: UnsafePointer<Scalar>
  let body: (_ block: Int, _ gradient: UnsafePointer<Scalar.Lane>) -> Void

  init(
    layout: ParameterLayout, parameters: UnsafePointer<Scalar>,
    body: @escaping (_ block: Int, _ gradient: UnsafePointer<Scalar.Lane>) -> Void
  ) {
    self.layout = layout
    self.parameters = parameters
    self.body = body
  }

  /// Updates block number `block`, once in a step.
  ///
  /// - Parameters:
  ///   - block: Its position in `layout.blocks`. A block that is never updated stays as it is.
  ///   - gradient: Its elements, 64-byte aligned and with zeros up to a multiple of ``ParameterLayout/alignment``.
  public func update(block: Int, gradient: UnsafePointer<Scalar>) {
    body(block, UnsafeRawPointer(gradient).assumingMemoryBound(to: Scalar.Lane.self))
  }
}

/// Why an optimizer does not step block by block.
public enum BlockStepError: Error, Hashable, CustomStringConvertible {
  /// A transform sees the gradient of all parameters at once.
  case transform(String)
  /// The method is not element-wise.
  case method(String)
  /// Others hear the gradient of all parameters at once.
  case exchange
  /// The point at which the gradient is taken depends on the gradient of all parameters at once.
  case sharpness

  public var description: String {
    switch self {
    case .transform(let name):
      "\(name) needs the gradient of all parameters at once: remove it, or do not step block by block"
    case .method(let name):
      "\(name) needs the gradient of all parameters at once: choose an element-wise method, or do not step block by block"
    case .exchange:
      "an exchange needs the gradient of all parameters at once: step alone, or do not step block by block"
    case .sharpness:
      "sharpness-aware steps need the gradient of all parameters at once: unset sharpness, or do not step block by block"
    }
  }
}

extension ParameterLayout {
  /// The lanes of block number `index`, padding included.
  func lanes(ofBlock index: Int, width: Int) -> Range<Int> {
    let end = index + 1 < blocks.count ? blocks[index + 1].offset : paddedCount
    return blocks[index].offset / width..<end / width
  }
}
