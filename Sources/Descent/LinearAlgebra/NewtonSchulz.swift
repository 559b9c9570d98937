/// Quintic Newton–Schulz iterations that drive all singular values of a matrix towards 1.
///
///     X ← X ÷ (‖X‖ + ε)
///     A = X Xᵀ,  X ← a X + (b A + c A²) X       so that each singular value σ ← a σ + b σ³ + c σ⁵
///
/// A matrix with more rows than columns is iterated from the other side, with A = XᵀX, which is the same in exact
/// arithmetic. Computed in the scalar's own precision.
@usableFromInline
struct NewtonSchulz<Scalar: LaneScalar> {
  @usableFromInline let a, b, c: Scalar
  @usableFromInline let iterations, threads: Int

  @inlinable
  init(_ a: Double, _ b: Double, _ c: Double, iterations: Int, threads: Int) {
    (self.a, self.b, self.c) = (Scalar(a), Scalar(b), Scalar(c))
    self.iterations = iterations
    self.threads = threads
  }

  /// Replaces a row-major matrix, whose norm is at most 1, by the last iterate.
  @inlinable
  func iterate(_ x: inout LaneArray<Scalar>, rows: Int, columns: Int) {
    let order = min(rows, columns)
    var gram = LaneArray<Scalar>(zeros: [order, order])
    var square = gram
    var next = x
    for _ in 0..<iterations {
      let p = gram.mutableElements()
      let q = square.mutableElements()
      let y = next.mutableElements()
      let view = MatrixView(x.elements, rows: rows, columns: columns)
      let gramView = MatrixView(UnsafePointer(p), rows: order, columns: order)
      let polynomial = MatrixView(UnsafePointer(q), rows: order, columns: order)
      if rows > columns {
        Scalar.multiply(view.transposed, view, into: p, part: .symmetric, threads: threads)
      } else {
        Scalar.multiply(view, view.transposed, into: p, part: .symmetric, threads: threads)
      }
      Scalar.multiply(gramView, gramView, into: q, part: .symmetric, threads: threads)
      let (gramLanes, squareLanes) = (gram.lanes, square.mutableLanes())
      for i in 0..<square.laneCount { squareLanes[i] = b * gramLanes[i] + c * squareLanes[i] }
      if rows > columns {
        Scalar.multiply(view, polynomial, into: y, threads: threads)
      } else {
        Scalar.multiply(polynomial, view, into: y, threads: threads)
      }
      let (old, new) = (x.lanes, next.mutableLanes())
      for i in 0..<next.laneCount { new[i] = a * old[i] + new[i] }
      swap(&x, &next)
    }
  }
}
