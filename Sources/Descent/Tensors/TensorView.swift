/// One parameter of θ, or its gradient, during a step: its shape and where its elements lie, row-major, in whole SIMD
/// lanes.
///
/// A rule that depends on inputs and outputs sees every parameter in this package's order, [window…, inputs…,
/// outputs…], however θ stores it: see ``SteppingRule/dependsOnAxes``.
///
/// Must not be kept beyond the step.
public struct TensorView<Scalar: LaneScalar> {
  public typealias Lane = Scalar.Lane

  public let name: String
  /// Extents; empty for a scalar.
  public let shape: [Int]
  /// What each extent counts.
  public let axes: [AxisRole]
  /// Number of elements, padding left out.
  public let count: Int
  /// The padding is zero and must stay so.
  public let lanes: UnsafeMutablePointer<Lane>
  public let laneCount: Int
  /// How many threads may work on the parameter. The bits must not depend on it.
  public var threads = 1

  @inlinable
  init(_ block: ParameterLayout.Block, in lanes: UnsafeMutablePointer<Lane>) {
    name = block.name
    shape = block.shape
    axes = block.axes
    count = block.count
    self.lanes = lanes + block.offset / Scalar.laneWidth
    laneCount = (block.count + Scalar.laneWidth - 1) / Scalar.laneWidth
  }

  /// `original` with its elements in another order, at `lanes`.
  @inlinable
  init(_ original: Self, _ sorted: SortedAxes, in lanes: UnsafeMutablePointer<Lane>) {
    self.init(original, shape: sorted.shape, axes: sorted.axes, in: lanes)
  }

  /// `original` with other elements, at `lanes`.
  @inlinable
  init(_ original: Self, in lanes: UnsafeMutablePointer<Lane>) {
    self.init(original, shape: original.shape, axes: original.axes, in: lanes)
  }

  @inlinable
  init(_ original: Self, shape: [Int], axes: [AxisRole], in lanes: UnsafeMutablePointer<Lane>) {
    name = original.name
    self.shape = shape
    self.axes = axes
    count = original.count
    self.lanes = lanes
    laneCount = original.laneCount
    threads = original.threads
  }

  /// Numbers of inputs and outputs.
  @inlinable public var fans: Fans { Fans(shape, axes) }

  /// The same memory, element by element.
  @inlinable public var elements: UnsafeMutablePointer<Scalar> {
    UnsafeMutableRawPointer(lanes).assumingMemoryBound(to: Scalar.self)
  }

  /// Σ x² in Double.
  @inlinable public var sumOfSquares: Double { Scalar.sumOfSquares(lanes, count: laneCount) }

  /// ‖x‖.
  @inlinable public var norm: Double { Scalar.norm(lanes, count: laneCount) }

  /// ‖x + a y‖, where y has the same shape.
  @inlinable
  func norm(adding a: Double, times y: TensorView) -> Double {
    let a = Scalar(a)
    func root(ofScale s: Double) -> Double {
      var sum = Scalar.Wide.zero
      for i in 0..<laneCount {
        let z = s * Scalar.widened(lanes[i] + a * y.lanes[i])
        sum += z * z
      }
      return sum.sum().squareRoot() / s
    }
    let norm = root(ofScale: 1)
    // Scaled by a power of two, so that no square of a large number overflows.
    return norm.isInfinite ? root(ofScale: 0x1p-600) : norm
  }

  /// √ of the mean of x².
  @inlinable public var rootMeanSquare: Double { norm / Double(count).squareRoot() }

  /// Extent of the last dimension: the elements that lie beside each other. 1 for a scalar.
  @inlinable public var rowLength: Int { shape.last ?? 1 }
}
