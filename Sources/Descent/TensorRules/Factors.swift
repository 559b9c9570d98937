/// A tensor as a stack of matrices over two of its dimensions; their elements are estimated by row and column.
///
/// The shape is outer × rows × middle × columns × inner; each index of outer, middle and inner is a matrix of its own.
@usableFromInline
struct Factors: Sendable {
  @usableFromInline let outer, rows, middle, columns, inner: Int

  init(_ shape: [Int], rows: Int, columns: Int) {
    outer = shape[..<rows].reduce(1, *)
    self.rows = shape[rows]
    middle = shape[(rows + 1)..<columns].reduce(1, *)
    self.columns = shape[columns]
    inner = shape[(columns + 1)...].reduce(1, *)
  }

  /// One number for each row of each matrix.
  var rowShape: [Int] { [outer, rows, middle, inner] }
  /// One number for each column of each matrix.
  var columnShape: [Int] { [outer, middle, columns, inner] }
  @inlinable var matrixCount: Int { outer * middle * inner }

  /// Moves the averages by the share `weight` towards the mean of g² + `added` over each row and each column, with |g|
  /// at most `limit`.
  @inlinable
  func follow<Scalar: LaneScalar>(
    _ g: TensorView<Scalar>, _ rowMeans: inout LaneArray<Scalar>, _ columnMeans: inout LaneArray<Scalar>,
    weight: Double, added: Double, limit: Scalar
  ) {
    withZeros(count: rowMeans.count) { rowSums in
      withZeros(count: columnMeans.count) { columnSums in
        sumSquares(g, limit, rowSums, columnSums)
        Self.average(&rowMeans, rowSums, 1 / Double(columns), weight, added)
        Self.average(&columnMeans, columnSums, 1 / Double(rows), weight, added)
      }
    }
  }

  @inlinable
  static func average<Scalar: LaneScalar>(
    _ means: inout LaneArray<Scalar>, _ sums: UnsafePointer<Double>, _ scale: Double, _ weight: Double, _ added: Double
  ) {
    let count = means.count
    let means = means.mutableElements()
    for i in 0..<count {
      let mean = Double(means[i])
      means[i] = Scalar.finite((mean - weight * mean) + weight * (sums[i] * scale + added))
    }
  }

  @inlinable
  func sumSquares<Scalar: LaneScalar>(
    _ g: TensorView<Scalar>, _ limit: Scalar, _ rowSums: UnsafeMutablePointer<Double>,
    _ columnSums: UnsafeMutablePointer<Double>
  ) {
    forEachRow { first, row, column in
      if inner == 1 {
        var sum = Scalar.Wide.zero
        Descent.forEachLane(of: Scalar.self, in: columns) { j, n in
          let g = Scalar.widened(Scalar.load(g.elements + first + j, count: n).infinityAsNaN.limited(to: limit))
          sum += g * g
          Scalar.add(g * g, to: columnSums + column + j, count: n)
        }
        rowSums[row] = sum.sum()
      } else {
        for j in 0..<columns * inner {
          var g = Double(g.elements[first + j].magnitude)
          if g > Double(limit) { g = g.isInfinite ? .nan : Double(limit) }
          rowSums[row + j % inner] += g * g
          columnSums[column + j] += g * g
        }
      }
    }
  }

  /// Calls `body` for each row with the indices of its first element, its row's number and its first column's number.
  @inlinable @inline(__always)
  func forEachRow(_ body: (_ first: Int, _ row: Int, _ column: Int) -> Void) {
    for i in 0..<outer {
      for a in 0..<rows {
        for k in 0..<middle {
          let row = (i * rows + a) * middle + k
          body(row * columns * inner, row * inner, (i * middle + k) * columns * inner)
        }
      }
    }
  }

  /// Calls `body` with 1 / √V̂, at most 1 / floor, for the estimate V̂ = R C / max(mean(R), floor), by row and column.
  @inlinable
  func withInverseRoots<Scalar: LaneScalar>(
    _ rowMeans: LaneArray<Scalar>, _ columnMeans: LaneArray<Scalar>, floor: Double,
    _ body: (InverseRoots<Scalar>) -> Void
  ) {
    withTemporaryMemory(of: Scalar.self, count: rowMeans.count) { rowRoots in
      withTemporaryMemory(of: Scalar.self, count: columnMeans.count) { columnRoots in
        withZeros(count: matrixCount) { means in
          for row in 0..<rowMeans.count { means[matrix(of: row)] += Double(rowMeans[row]) / Double(rows) }
          for row in 0..<rowMeans.count {
            let mean = means[matrix(of: row)]
            let r = Double(rowMeans[row])
            rowRoots[row] = Self.inverseRoot(of: r / (mean < floor ? floor : mean), isZero: r == 0, floor)
          }
        }
        for column in 0..<columnMeans.count {
          let c = Double(columnMeans[column])
          columnRoots[column] = Self.inverseRoot(of: c, isZero: c == 0, floor)
        }
        body(
          InverseRoots(
            factors: self, rows: rowRoots.baseAddress!, columns: columnRoots.baseAddress!,
            bound: Scalar.finite(1 / floor)))
      }
    }
  }

  /// 1 / √x. If there was never a gradient there is none to scale: 0, or the largest number if `floor` bounds the
  /// product.
  @inlinable
  static func inverseRoot<Scalar: LaneScalar>(of x: Double, isZero: Bool, _ floor: Double) -> Scalar {
    isZero ? (floor > 0 ? Scalar.greatestFiniteMagnitude : 0) : Scalar.finite((1 / x).squareRoot())
  }

  @inlinable
  func matrix(of row: Int) -> Int { row / (rows * middle * inner) * (middle * inner) + row % (middle * inner) }
}

/// 1 / √V̂ as the product of a row's and a column's number, at most `bound`.
@usableFromInline
struct InverseRoots<Scalar: LaneScalar> {
  @usableFromInline let factors: Factors
  @usableFromInline let rows, columns: UnsafeMutablePointer<Scalar>
  @usableFromInline let bound: Scalar

  @inlinable
  init(factors: Factors, rows: UnsafeMutablePointer<Scalar>, columns: UnsafeMutablePointer<Scalar>, bound: Scalar) {
    self.factors = factors
    self.rows = rows
    self.columns = columns
    self.bound = bound
  }

  /// Calls `body` for each lane with its first element, the number of elements left, and their 1 / √V̂.
  @inlinable @inline(__always)
  func forEachLane(_ body: (_ first: Int, _ count: Int, _ inverse: Scalar.Lane) -> Void) {
    let bound = Scalar.Lane(repeating: bound)
    factors.forEachRow { first, row, column in
      if factors.inner == 1 {
        let root = Scalar.Lane(repeating: rows[row])
        Descent.forEachLane(of: Scalar.self, in: factors.columns) { j, n in
          body(first + j, n, Scalar.minimum(root * Scalar.load(columns + column + j, count: n), bound))
        }
      } else {
        for c in 0..<factors.columns {
          Descent.forEachLane(of: Scalar.self, in: factors.inner) { j, n in
            let k = c * factors.inner + j
            let root = Scalar.load(rows + row + j, count: n)
            body(first + k, n, Scalar.minimum(root * Scalar.load(columns + column + k, count: n), bound))
          }
        }
      }
    }
  }
}

/// Calls `body` with `count` zeros.
@inlinable
func withZeros(count: Int, _ body: (UnsafeMutablePointer<Double>) -> Void) {
  withTemporaryMemory(of: Double.self, count: count) { buffer in
    buffer.initialize(repeating: 0)
    body(buffer.baseAddress!)
  }
}
