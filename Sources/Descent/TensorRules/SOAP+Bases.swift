extension SOAP {
  /// Q_Lᵀ X Q_R, or back: Q_L X Q_Rᵀ.
  func rotate(_ x: [Double], _ block: KroneckerLayout.Block, _ bases: LaneArray<Double>, isBack: Bool) -> [Double] {
    var x = x
    for (mode, side) in block.sides.enumerated() where side.factor == .full {
      let q = MatrixView(bases.elements + side.offset, rows: side.extent, columns: side.extent)
      x = ModeProduct.multiply(x, shape: block.shape, mode: mode, by: isBack ? q : q.transposed)
    }
    return x
  }

  /// L ← β L + (1 − β) G Gᵀ.
  func updateFactors(_ g: [Double], _ block: KroneckerLayout.Block, _ factors: inout LaneArray<Double>) {
    let all = factors.mutableElements()
    let weight = 1 - shampooBeta
    for (mode, side) in block.sides.enumerated() where side.factor == .full {
      let new = ModeProduct.gram(g, shape: block.shape, mode: mode)
      let factor = all + side.offset
      for i in 0..<side.count { factor[i] = (factor[i] - weight * factor[i]) + weight * new[i] }
    }
  }

  /// The eigenvectors of the factors, by falling eigenvalues.
  func startBases(_ block: KroneckerLayout.Block, _ state: inout State) {
    let bases = state.bases.mutableElements()
    for side in block.sides where side.factor == .full {
      let n = side.extent
      let eigen = SymmetricEigen(
        Array(UnsafeBufferPointer(start: state.factors.elements + side.offset, count: n * n)), order: n)
      for i in 0..<n {
        for j in 0..<n { bases[side.offset + i * n + j] = eigen.vectors[i * n + n - 1 - j] }
      }
    }
  }

  /// One step of orthogonal iteration, from the bases as they are.
  func refreshBases(_ block: KroneckerLayout.Block, _ state: inout State) {
    for (mode, side) in block.sides.enumerated() where side.factor == .full {
      let n = side.extent
      let bases = state.bases.mutableElements() + side.offset
      let factor = state.factors.elements + side.offset
      let q = MatrixView(UnsafePointer(bases), rows: n, columns: n)
      var product = [Double](repeating: 0, count: n * n)
      product.withUnsafeMutableBufferPointer {
        Double.multiply(
          MatrixView(factor, rows: n, columns: n), q, into: $0.baseAddress!, isSymmetric: false)
      }
      let trace = (0..<n).reduce(0) { $0 + factor[$1 * n + $1] }
      var estimates = [Double](repeating: 0, count: n)
      for i in 0..<n {
        for j in 0..<n {
          estimates[j] += bases[i * n + j] * product[i * n + j]
          product[i * n + j] += 0x1p-30 * trace / Double(n) * bases[i * n + j]
        }
      }
      // Equal ones stay as they are; the order of what is not a number does not matter.
      let order = (0..<n).sorted { estimates[$0] > estimates[$1] || estimates[$0] == estimates[$1] && $0 < $1 }
      var ordered = product
      for i in 0..<n {
        for (j, source) in order.enumerated() { ordered[i * n + j] = product[i * n + source] }
      }
      let decomposition = HouseholderQR(ordered, rows: n, columns: n)
      for i in 0..<(n * n) { bases[i] = decomposition.q[i] }
      reorder(&state.v, block.shape, mode, order)
    }
  }

  /// V's indices along a side, in the order of the basis.
  private func reorder(_ v: inout LaneArray<Double>, _ shape: [Int], _ mode: Int, _ order: [Int]) {
    let before = shape[..<mode].reduce(1, *)
    let after = shape[(mode + 1)...].reduce(1, *)
    let old = v
    let new = v.mutableElements()
    for b in 0..<before {
      for (i, source) in order.enumerated() {
        for a in 0..<after { new[(b * order.count + i) * after + a] = old[(b * order.count + source) * after + a] }
      }
    }
  }
}
