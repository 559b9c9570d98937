/// Which dimension of a weight counts a layer's outputs.
public enum OutputDimension: String, Codable, CaseIterable, Sendable {
  /// The last: [inputs, outputs] and [height, width, channels, filters], as the layers of DescentNetworks, Keras and
  /// JAX have it.
  case last
  /// The first: [outputs, inputs] and [filters, channels, height, width], as torch has it.
  case first
}

/// A tensor as a matrix in which what belongs to one output is a column or a row.
public struct OutputUnits: Sendable {
  let rows, columns: Int
  let areColumns: Bool

  /// The units of a tensor of `shape`, which has at least two dimensions unless it is one unit as a whole.
  init(of shape: [Int], _ dimension: OutputDimension) {
    let count = shape.reduce(1, *)
    if shape.count < 2 {
      (rows, columns, areColumns) = (1, count, false)
    } else if dimension == .last {
      (rows, columns, areColumns) = (count / shape[shape.count - 1], shape[shape.count - 1], true)
    } else {
      (rows, columns, areColumns) = (shape[0], count / shape[0], false)
    }
  }

  var count: Int { areColumns ? columns : rows }
  var length: Int { areColumns ? rows : columns }
}

// Loops over units, specialized for each scalar as those of LaneKernels.swift are.

extension LaneScalar {
  public static func centralize(_ x: UnsafeMutablePointer<Self>, _ units: OutputUnits) {
    let means = sums(of: x, units) { $0 }.map { $0 / Double(units.length) }
    apply(means, to: x, units) { $0 - $1 }
  }

  public static func clip(
    _ x: UnsafeMutablePointer<Self>, relativeTo y: UnsafePointer<Self>, bound: Double, floor: Double,
    _ units: OutputUnits
  ) {
    let xSquares = sums(of: x, units) { $0 * $0 }
    let ySquares = sums(of: y, units) { $0 * $0 }
    let scales = zip(xSquares, ySquares).map { x, y in
      let limit = bound * Swift.max(y.squareRoot(), floor)
      // Not (‖x‖ ≤ limit), so that NaN comes out as NaN.
      return x.squareRoot() <= limit ? 1 : limit / x.squareRoot()
    }
    if scales.contains(where: { $0 != 1 }) { apply(scales, to: x, units) { $0 * $1 } }
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
