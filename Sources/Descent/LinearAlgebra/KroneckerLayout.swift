/// Copies contiguous elements of a tensor, whatever its scalar.
@usableFromInline typealias TensorReader = (_ range: Range<Int>, _ part: UnsafeMutablePointer<Double>) -> Void
/// Hands contiguous elements over to a tensor, whatever its scalar.
@usableFromInline typealias TensorWriter = (_ range: Range<Int>, _ part: UnsafePointer<Double>) -> Void

extension TensorView {
  /// The elements in Double, bounded by ``matrixElement(_:)``.
  @inlinable var reader: TensorReader {
    let elements = elements
    return { range, part in
      let x = elements + range.lowerBound
      for i in 0..<range.count { part[i] = matrixElement(x[i]) }
    }
  }

  /// x ← x − α times the elements handed over.
  @inlinable
  func stepper(_ α: Double) -> TensorWriter {
    let elements = elements
    return { range, part in
      let x = elements + range.lowerBound
      for i in 0..<range.count { x[i] = Scalar.finite(Double(x[i]) - α * part[i]) }
    }
  }
}

/// The blocks that a parameter is cut into, and the square factors, one for each side, that precondition them.
///
/// The factors of all blocks lie one after the other in one array.
struct KroneckerLayout: Sendable {
  /// One side of a block.
  struct Side: Sendable {
    let extent: Int
    let factor: Factor
    /// Where the factor starts in the array of all factors.
    let offset: Int

    var count: Int {
      switch factor {
      case .full: extent * extent
      case .diagonal: extent
      case .none: 0
      }
    }
    var range: Range<Int> { offset..<(offset + count) }
  }

  enum Factor: Sendable { case full, diagonal, none }

  struct Block: Sendable {
    let origin: [Int]
    let sides: [Side]
    var shape: [Int] { sides.map(\.extent) }
  }

  /// The parameter's shape as it is preconditioned: at least one side.
  let shape: [Int]
  let blocks: [Block]
  /// Number of all factors' elements.
  let count: Int

  /// - Parameters:
  ///   - shape: The shape as it is preconditioned.
  ///   - blockLimit: Longer sides are cut into pieces of at most this length.
  ///   - factor: A side's kind of factor, from the side and the block's shape.
  init(_ shape: [Int], blockLimit: Int = .max, factor: (_ side: Int, _ shape: [Int]) -> Factor) {
    self.shape = shape
    var origins: [[Int]] = [[]]
    for extent in shape {
      origins = origins.flatMap { origin in stride(from: 0, to: extent, by: blockLimit).map { origin + [$0] } }
    }
    var count = 0
    blocks = origins.map { origin in
      let extents = zip(shape, origin).map { min($0 - $1, blockLimit) }
      let sides = extents.indices.map { i in
        let side = Side(extent: extents[i], factor: factor(i, extents), offset: count)
        count += side.count
        return side
      }
      return Block(origin: origin, sides: sides)
    }
    self.count = count
  }

  /// The block's part of a tensor.
  func part(_ block: Block, _ read: TensorReader) -> [Double] {
    let total = block.shape.reduce(1, *)
    return [Double](unsafeUninitializedCapacity: total) { part, count in
      forEachRun(block) { range in
        read(range, part.baseAddress! + count)
        count += range.count
      }
    }
  }

  func part(_ block: Block, of x: UnsafePointer<Double>) -> [Double] {
    part(block) { range, part in part.update(from: x + range.lowerBound, count: range.count) }
  }

  /// Hands the block's part over to a tensor.
  func assign(_ part: [Double], to block: Block, _ write: TensorWriter) {
    part.withUnsafeBufferPointer { part in
      var done = 0
      forEachRun(block) { range in
        write(range, part.baseAddress! + done)
        done += range.count
      }
    }
  }

  func assign(_ part: [Double], to block: Block, of x: UnsafeMutablePointer<Double>) {
    assign(part, to: block) { range, part in (x + range.lowerBound).update(from: part, count: range.count) }
  }

  /// Positions of the block's contiguous pieces, in order.
  private func forEachRun(_ block: Block, _ body: (Range<Int>) -> Void) {
    let extents = block.shape
    func visit(_ side: Int, _ position: Int) {
      let start = position * shape[side] + block.origin[side]
      if side == shape.count - 1 { return body(start..<(start + extents[side])) }
      for i in 0..<extents[side] { visit(side + 1, start + i) }
    }
    visit(0, 0)
  }
}

/// The shape in which a tensor is preconditioned.
///
/// Sides are those of the parameter in this package's order, [window…, inputs…, outputs…], however it is stored.
public enum TensorForm: String, Codable, CaseIterable, Sendable {
  /// As it is: one factor for each of its sides.
  case tensor
  /// One side for all that an output reads, the other for all outputs: for a kernel, height · width · inputs and
  /// outputs. Only one side for a parameter that is not a matrix, such as a bias.
  case matrix
  /// Neighbouring sides are merged as long as their product does not exceed the limit; sides of 1 are left out.
  case merged

  /// The sides of `θ`, merged to at most `limit`.
  @usableFromInline
  func shape<Scalar: LaneScalar>(of θ: TensorView<Scalar>, limit: Int) -> [Int] {
    shape(of: θ.shape, axes: θ.axes, limit: limit)
  }

  /// The sides of a parameter of `shape`.
  func shape(of shape: [Int], axes: [AxisRole], limit: Int) -> [Int] {
    switch self {
    case .tensor: return shape.isEmpty ? [1] : shape
    case .matrix:
      let fans = Fans(shape, axes)
      return fans.isMatrix ? [fans.fanIn, fans.outputs] : [shape.reduce(1, *)]
    case .merged:
      var merged: [Int] = []
      for extent in shape where extent != 1 {
        if let last = merged.last, last * extent <= limit {
          merged[merged.count - 1] = last * extent
        } else {
          merged.append(extent)
        }
      }
      return merged.isEmpty ? [1] : merged
    }
  }
}
