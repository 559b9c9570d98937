import Dispatch

/// Orthonormal directions p₁, p₂, … in a space of many dimensions: the columns of P.
///
/// They fill hundreds of megabytes, so most of the time goes into reading them. Every operation reads them once and
/// works on several of them at a time, on all processors. Sums are added in an order that depends on the dimension
/// alone.
struct SFOBasis: Sendable {
  /// Elements of a direction.
  let dimension: Int
  /// Each is written when it is made, and never again.
  private var directions: [LaneStorage<Double>] = []

  private typealias Lane = SIMD8<Double>

  init(dimension: Int) { self.dimension = dimension }

  /// Number of directions.
  var count: Int { directions.count }

  private var laneCount: Int { (dimension + Lane.scalarCount - 1) / Lane.scalarCount }

  /// Direction k.
  subscript(k: Int) -> [Double] { Array(UnsafeBufferPointer(start: directions[k].elements, count: dimension)) }

  mutating func append(_ direction: [Double]) { directions.append(storage(of: direction)) }

  /// Pᵀx.
  func products(with x: [Double]) -> [Double] {
    let x = storage(of: x)
    // Blocks of x that stay in the first cache.
    return summed(count, blockLength: 256) { addProducts($0, x.lanes, to: $1) }
  }

  /// x ← x + P w.
  func add(_ w: [Double], to x: inout [Double]) {
    let y = storage(of: x)
    _ = summed(0, blockLength: 256) { lanes, _ in add(w, to: y.lanes, lanes) }
    x = elements(of: y)
  }

  /// x ← x + P w and y ← y + P v, reading P once.
  func add(_ w: [Double], to x: inout [Double], _ v: [Double], to y: inout [Double]) {
    let (a, b) = (storage(of: x), storage(of: y))
    _ = summed(0, blockLength: 256) { lanes, _ in add(w, to: a.lanes, v, to: b.lanes, lanes) }
    (x, y) = (elements(of: a), elements(of: b))
  }

  /// x ← x + P w.
  /// - Returns: Pᵀx for the new x.
  func addAndProject(_ w: [Double], to x: inout [Double]) -> [Double] {
    let y = storage(of: x)
    // Blocks of P that stay in the second cache until they are read again.
    let products = summed(count, blockLength: 64) { lanes, products in
      add(w, to: y.lanes, lanes)
      addProducts(lanes, y.lanes, to: products)
    }
    x = elements(of: y)
    return products
  }

  /// P Q, and its square QᵀPᵀP Q, row-major.
  func times(_ q: DenseMatrix) -> (basis: SFOBasis, square: [Double]) {
    var product = SFOBasis(dimension: dimension)
    product.directions = (0..<q.columns).map { _ in LaneStorage(laneCount: laneCount) }
    let square = summed(q.columns * q.columns, blockLength: 64) { lanes, square in
      let start = lanes.lowerBound * Lane.scalarCount
      let length = lanes.count * Lane.scalarCount
      var block: [Double] = []
      block.reserveCapacity(count * length)
      for p in directions { block += UnsafeBufferPointer(start: p.elements + start, count: length) }
      let part = q.transposed * DenseMatrix(block, rows: count, columns: length)
      for (i, element) in part.square.elements.enumerated() { square[i] += element }
      part.elements.withUnsafeBufferPointer { part in
        for (j, p) in product.directions.enumerated() {
          (p.elements + start).update(from: part.baseAddress! + j * length, count: length)
        }
      }
    }
    return (product, square)
  }

  // MARK: Lanes

  private func storage(of x: [Double]) -> LaneStorage<Double> {
    precondition(x.count == dimension, "a vector of \(dimension) elements expected, \(x.count) found")
    let storage = LaneStorage<Double>(laneCount: laneCount)
    storage.elements.update(from: x, count: dimension)
    return storage
  }

  private func elements(of storage: LaneStorage<Double>) -> [Double] {
    withExtendedLifetime(storage) { Array(UnsafeBufferPointer(start: storage.elements, count: dimension)) }
  }

  /// Calls `body` for all lanes, `blockLength` of them at a time, and adds up the `size` sums to which it adds.
  ///
  /// - Parameter body: May write to its own lanes and to the sums.
  private func summed(
    _ size: Int, blockLength: Int, _ body: (_ lanes: Range<Int>, _ sums: UnsafeMutablePointer<Double>) -> Void
  ) -> [Double] {
    let (partLength, fewestForThreads) = (1024, 1 << 20)
    let partCount = (laneCount + partLength - 1) / partLength
    var sums = [Double](repeating: 0, count: max(1, partCount * size))
    sums.withUnsafeMutableBufferPointer { sums in
      withoutActuallyEscaping(body) { body in
        nonisolated(unsafe) let (body, sums) = (body, sums.baseAddress!)
        let run = { @Sendable (part: Int) in
          let end = min((part + 1) * partLength, laneCount)
          for start in stride(from: part * partLength, to: end, by: blockLength) {
            body(start..<min(start + blockLength, end), sums + part * size)
          }
        }
        if count * dimension < fewestForThreads {
          for part in 0..<partCount { run(part) }
        } else {
          DispatchQueue.concurrentPerform(iterations: partCount, execute: run)
        }
      }
    }
    return (0..<size).map { i in (0..<partCount).reduce(0) { $0 + sums[$1 * size + i] } }
  }

  /// Adds the part of P w that lies in some lanes to x.
  private func add(_ w: [Double], to x: UnsafeMutablePointer<Lane>, _ lanes: Range<Int>) {
    var k = 0
    while k + 4 <= count {
      let (p0, p1, p2, p3) = (
        directions[k].lanes, directions[k + 1].lanes, directions[k + 2].lanes, directions[k + 3].lanes
      )
      let (w0, w1, w2, w3) = (w[k], w[k + 1], w[k + 2], w[k + 3])
      for i in lanes { x[i] += (w0 * p0[i] + w1 * p1[i]) + (w2 * p2[i] + w3 * p3[i]) }
      k += 4
    }
    while k < count {
      let (p, weight) = (directions[k].lanes, w[k])
      for i in lanes { x[i] += weight * p[i] }
      k += 1
    }
  }

  /// Adds the parts of P w and P v that lie in some lanes to x and to y.
  private func add(
    _ w: [Double], to x: UnsafeMutablePointer<Lane>, _ v: [Double], to y: UnsafeMutablePointer<Lane>,
    _ lanes: Range<Int>
  ) {
    var k = 0
    while k + 4 <= count {
      let (p0, p1, p2, p3) = (
        directions[k].lanes, directions[k + 1].lanes, directions[k + 2].lanes, directions[k + 3].lanes
      )
      let (w0, w1, w2, w3) = (w[k], w[k + 1], w[k + 2], w[k + 3])
      let (v0, v1, v2, v3) = (v[k], v[k + 1], v[k + 2], v[k + 3])
      for i in lanes {
        let (a, b, c, d) = (p0[i], p1[i], p2[i], p3[i])
        x[i] += (w0 * a + w1 * b) + (w2 * c + w3 * d)
        y[i] += (v0 * a + v1 * b) + (v2 * c + v3 * d)
      }
      k += 4
    }
    while k < count {
      let p = directions[k].lanes
      for i in lanes {
        x[i] += w[k] * p[i]
        y[i] += v[k] * p[i]
      }
      k += 1
    }
  }

  /// Adds the part of Pᵀx that comes from some lanes to `products`.
  private func addProducts(
    _ lanes: Range<Int>, _ x: UnsafeMutablePointer<Lane>, to products: UnsafeMutablePointer<Double>
  ) {
    for k in stride(from: 0, to: count, by: 2) {
      let (p, q) = (directions[k].lanes, directions[min(k + 1, count - 1)].lanes)
      var (first, second) = (Lane.zero, Lane.zero)
      for i in lanes {
        first += p[i] * x[i]
        second += q[i] * x[i]
      }
      products[k] += first.sum()
      if k + 1 < count { products[k + 1] += second.sum() }
    }
  }
}
