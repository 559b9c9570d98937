extension SOAP {
  /// Q_Lᵀ X Q_R, or back: Q_L X Q_Rᵀ.
  func rotate(
    _ x: [Double], _ block: KroneckerLayout.Block, _ bases: UnsafePointer<Double>, isBack: Bool, _ threads: Int
  ) -> [Double] {
    var x = x
    for (mode, side) in block.sides.enumerated() where side.factor == .full {
      let q = MatrixView(bases + side.offset, rows: side.extent, columns: side.extent)
      x = ModeProduct.multiply(x, shape: block.shape, mode: mode, by: isBack ? q : q.transposed, threads: threads)
    }
    return x
  }

  /// L ← β L + (1 − β) G Gᵀ.
  func updateFactors(
    _ g: [Double], _ block: KroneckerLayout.Block, _ factors: UnsafeMutablePointer<Double>, _ threads: Int
  ) {
    for (mode, side) in block.sides.enumerated() where side.factor == .full {
      var new = [Double](repeating: 0, count: side.count)
      ModeProduct.gram(g, shape: block.shape, mode: mode, into: &new, adds: false, threads: threads)
      DenseLoops.average(new, into: factors + side.offset, weight: 1 - shampooBeta, count: side.count)
    }
  }

  /// The eigenvectors of the factors, by falling eigenvalues.
  func startBases(
    _ block: KroneckerLayout.Block, _ factors: UnsafePointer<Double>, _ bases: UnsafeMutablePointer<Double>,
    _ threads: Int
  ) {
    forEachTask(block.sides.count, threads: threads) { i in
      let side = block.sides[i]
      guard side.factor == .full else { return }
      let n = side.extent
      let eigen = SymmetricEigen(
        Array(UnsafeBufferPointer(start: factors + side.offset, count: n * n)), order: n, threads: threads)
      for i in 0..<n {
        for j in 0..<n { bases[side.offset + i * n + j] = eigen.vectors[i * n + n - 1 - j] }
      }
    }
  }

  /// One step of orthogonal iteration, from the present bases.
  func refreshBases(
    _ block: KroneckerLayout.Block, _ factors: UnsafePointer<Double>, _ bases: UnsafeMutablePointer<Double>,
    _ v: inout [Double], _ threads: Int
  ) {
    for (mode, side) in block.sides.enumerated() where side.factor == .full {
      let n = side.extent
      let (q, factor) = (bases + side.offset, factors + side.offset)
      var product = [Double](repeating: 0, count: n * n)
      Double.multiply(
        MatrixView(factor, rows: n, columns: n), MatrixView(UnsafePointer(q), rows: n, columns: n), into: &product,
        threads: threads)
      let trace = (0..<n).reduce(0) { $0 + factor[$1 * n + $1] }
      let shift = 0x1p-30 * trace / Double(n)
      var estimates = [Double](repeating: 0, count: n)
      for i in 0..<n {
        for j in 0..<n {
          estimates[j] += q[i * n + j] * product[i * n + j]
          product[i * n + j] += shift * q[i * n + j]
        }
      }
      // Equal estimates keep their order; the order of NaN does not matter.
      let order = (0..<n).sorted { estimates[$0] > estimates[$1] || estimates[$0] == estimates[$1] && $0 < $1 }
      var ordered = product
      for i in 0..<n {
        for (j, source) in order.enumerated() { ordered[i * n + j] = product[i * n + source] }
      }
      let decomposition = HouseholderQR(ordered, rows: n, columns: n, threads: threads)
      q.update(from: decomposition.q, count: n * n)
      reorder(&v, block.shape, mode, order)
    }
  }

  /// Reorders V along a side as the basis is ordered.
  private func reorder(_ v: inout [Double], _ shape: [Int], _ mode: Int, _ order: [Int]) {
    let before = shape[..<mode].reduce(1, *)
    let after = shape[(mode + 1)...].reduce(1, *)
    let old = v
    for b in 0..<before {
      for (i, source) in order.enumerated() {
        for a in 0..<after { v[(b * order.count + i) * after + a] = old[(b * order.count + source) * after + a] }
      }
    }
  }
}
