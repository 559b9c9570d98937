/// Products of a dense row-major tensor with matrices along one of its sides, called modes.
///
/// The unfolding Xᵢ of a tensor X of n₁ × … × nₖ has nᵢ rows: each holds all elements of X at one index of side i.
enum ModeProduct {
  /// H ← Xᵢ Xᵢᵀ or, if `adds`, H + Xᵢ Xᵢᵀ, row-major nᵢ × nᵢ. If `isSingle`, the product is a ``SingleProduct``; that does not add.
  static func gram(
    _ x: [Double], shape: [Int], mode: Int, into h: UnsafeMutablePointer<Double>, adds: Bool, isSingle: Bool = false,
    threads: Int
  ) {
    precondition(!(adds && isSingle), "a product in Float is not added to")
    let (before, n, after) = extents(shape, mode)
    // The unfolding's rows as columns: the order in which the product needs both of its factors.
    let columns =
      after == 1
      ? x
      : [Double](unsafeUninitializedCapacity: x.count) { columns, count in
        for start in stride(from: 0, to: x.count, by: n * after) {
          x.withUnsafeBufferPointer {
            Double.transpose(
              $0.baseAddress! + start, rowStride: after, rows: n, columns: after, into: columns.baseAddress! + start,
              rowStride: n)
          }
        }
        count = x.count
      }
    columns.withUnsafeBufferPointer {
      let view = MatrixView($0.baseAddress!, rows: before * after, columns: n)
      if isSingle {
        SingleProduct.multiply(view.transposed, view, into: h, part: .symmetric, threads: threads)
      } else {
        Double.multiply(view.transposed, view, into: h, rowStride: n, part: .symmetric, adds: adds, threads: threads)
      }
    }
  }

  /// Σ x² at each index of side i.
  static func sumsOfSquares(_ x: [Double], shape: [Int], mode: Int) -> [Double] {
    let (before, n, after) = extents(shape, mode)
    var sums = [Double](repeating: 0, count: n)
    for b in 0..<before {
      for i in 0..<n {
        for a in 0..<after {
          let x = x[(b * n + i) * after + a]
          sums[i] += x * x
        }
      }
    }
    return sums
  }

  /// X ×ᵢ P, whose unfolding is P Xᵢ: P is nᵢ × nᵢ. If `isSingle`, by a ``SingleProduct``.
  static func multiply(
    _ x: [Double], shape: [Int], mode: Int, by p: MatrixView<Double>, isSingle: Bool = false, threads: Int
  ) -> [Double] {
    let (before, n, after) = extents(shape, mode)
    func multiply(_ a: MatrixView<Double>, _ b: MatrixView<Double>, into c: UnsafeMutablePointer<Double>) {
      if isSingle {
        SingleProduct.multiply(a, b, into: c, threads: threads)
      } else {
        Double.multiply(a, b, into: c, threads: threads)
      }
    }
    return [Double](unsafeUninitializedCapacity: x.count) { result, count in
      x.withUnsafeBufferPointer { x in
        if after == 1 {
          let transposed = MatrixView(x.baseAddress!, rows: before, columns: n)
          multiply(transposed, p.transposed, into: result.baseAddress!)
        } else {
          for b in 0..<before {
            let slice = MatrixView(x.baseAddress! + b * n * after, rows: n, columns: after)
            multiply(p, slice, into: result.baseAddress! + b * n * after)
          }
        }
      }
      count = x.count
    }
  }

  /// X with its elements at each index of side i multiplied by the element of `factors` at that index.
  static func scale(_ x: [Double], shape: [Int], mode: Int, by factors: UnsafeBufferPointer<Double>) -> [Double] {
    let (before, n, after) = extents(shape, mode)
    var result = x
    for b in 0..<before {
      for i in 0..<n {
        for a in 0..<after { result[(b * n + i) * after + a] *= factors[i] }
      }
    }
    return result
  }

  private static func extents(_ shape: [Int], _ mode: Int) -> (before: Int, n: Int, after: Int) {
    (shape[..<mode].reduce(1, *), shape[mode], shape[(mode + 1)...].reduce(1, *))
  }
}
