/// A parameter as a matrix in which each output is a column or a row.
public struct OutputUnits: Sendable {
  let rows, columns: Int
  let areColumns: Bool
  /// The order in which the elements are such a matrix; nil if they are stored so.
  let sorted: SortedAxes?

  /// The outputs of a parameter, by its layout; a parameter that is not a matrix is a single unit.
  init(of block: ParameterLayout.Block) {
    let fans = block.fans
    guard fans.isMatrix else {
      (rows, columns, areColumns, sorted) = (1, block.count, false, nil)
      return
    }
    let areFirst = block.axes.drop { $0 == .output }.allSatisfy { $0 != .output }
    let areLast = block.axes.drop { $0 != .output }.allSatisfy { $0 == .output }
    areColumns = !areFirst
    (rows, columns) = areFirst ? (fans.outputs, fans.fanIn) : (fans.fanIn, fans.outputs)
    sorted = areFirst || areLast ? nil : SortedAxes(block)
  }

  var count: Int { areColumns ? columns : rows }
  var length: Int { areColumns ? rows : columns }
}

// Loops over units, specialized for each scalar, as in LaneKernels.swift.

extension LaneScalar {
  public static func centralize(_ x: UnsafeMutablePointer<Self>, _ units: OutputUnits) {
    if let sorted = units.sorted {
      var copy = sorted.gather(x)
      centralizeSorted(copy.mutableElements(), units)
      sorted.scatter(copy.elements, to: x)
    } else {
      centralizeSorted(x, units)
    }
  }

  private static func centralizeSorted(_ x: UnsafeMutablePointer<Self>, _ units: OutputUnits) {
    var means = sums(of: x, units) { $0 }.map { $0 / Double(units.length) }
    if means.contains(where: { $0.isInfinite }) {
      // Scaled by a power of two, so that the sum of large numbers does not overflow.
      let scaled = sums(of: x, units) { 0x1p-60 * $0 }.map { 0x1p60 * ($0 / Double(units.length)) }
      means = zip(means, scaled).map { $0.isInfinite ? $1 : $0 }
    }
    apply(means, to: x, units) { ($0.infinityAsNaN - $1).finite }
  }

  public static func clip(
    _ x: UnsafeMutablePointer<Self>, relativeTo y: UnsafePointer<Self>, bound: Double, floor: Double,
    _ units: OutputUnits
  ) {
    if let sorted = units.sorted {
      var copy = sorted.gather(x)
      let weights = sorted.gather(y)
      withExtendedLifetime(weights) { clipSorted(copy.mutableElements(), weights.elements, bound, floor, units) }
      sorted.scatter(copy.elements, to: x)
    } else {
      clipSorted(x, y, bound, floor, units)
    }
  }

  private static func clipSorted(
    _ x: UnsafeMutablePointer<Self>, _ y: UnsafePointer<Self>, _ bound: Double, _ floor: Double, _ units: OutputUnits
  ) {
    let scales = zip(norms(of: x, units), norms(of: y, units)).map { x, y in
      let limit = bound * Swift.max(y.value * y.unit, floor)
      // Not (‖x‖ ≤ limit), so that NaN comes out as NaN.
      return x.value * x.unit <= limit ? 1 : limit / x.value / x.unit
    }
    guard scales.contains(where: { $0 != 1 }) else { return }
    if scales.contains(where: { $0 < Double(Self.leastNormalMagnitude) }) {
      // So small a number has few digits: its root is applied twice instead.
      let roots = scales.map { $0.squareRoot() }
      apply(roots, to: x, units) { ($0 * $1) * $1 }
    } else {
      apply(scales, to: x, units) { $0 * $1 }
    }
  }

  /// ‖x‖ of each unit, as a value times a unit, a power of two: the product itself may overflow.
  private static func norms(of x: UnsafePointer<Self>, _ units: OutputUnits) -> [(value: Double, unit: Double)] {
    let squares = sums(of: x, units) { $0 * $0 }
    guard squares.contains(where: { $0.isInfinite }) else { return squares.map { ($0.squareRoot(), 1) } }
    // Scaled by a power of two, so that no square of a large number overflows.
    let scaled = sums(of: x, units) { (0x1p-600 * $0) * (0x1p-600 * $0) }
    return zip(squares, scaled).map { $0.isInfinite ? ($1.squareRoot(), 0x1p600) : ($0.squareRoot(), 1) }
  }

  /// Σ f(x) over each unit.
  private static func sums(of x: UnsafePointer<Self>, _ units: OutputUnits, _ f: (Wide) -> Wide) -> [Double] {
    var sums = [Double](repeating: 0, count: units.count)
    sums.withUnsafeMutableBufferPointer { sums in
      for row in 0..<units.rows {
        var sum = Wide.zero
        forEachLane(of: Self.self, in: units.columns) { j, n in
          let values = f(widened(load(x + row * units.columns + j, count: n)))
          if units.areColumns {
            add(values, to: sums.baseAddress! + j, count: n)
          } else {
            sum += values
          }
        }
        if !units.areColumns { sums[row] = sum.sum() }
      }
    }
    return sums
  }

  /// x ← f(x, its unit's number).
  private static func apply(
    _ numbers: [Double], to x: UnsafeMutablePointer<Self>, _ units: OutputUnits, _ f: (Lane, Lane) -> Lane
  ) {
    let numbers = numbers.map { Self($0) }
    numbers.withUnsafeBufferPointer { numbers in
      for row in 0..<units.rows {
        forEachLane(of: Self.self, in: units.columns) { j, n in
          let place = x + row * units.columns + j
          let number = units.areColumns ? load(numbers.baseAddress! + j, count: n) : Lane(repeating: numbers[row])
          store(f(load(place, count: n), number), to: place, count: n)
        }
      }
    }
  }
}
