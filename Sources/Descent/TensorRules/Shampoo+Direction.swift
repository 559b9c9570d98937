import RealModule

extension Shampoo {
  /// - Parameter shape: The parameter's sides, in ``form``.
  func layout(of shape: [Int]) -> KroneckerLayout {
    KroneckerLayout(
      shape, blockLimit: oversized == .blocks ? maximumSide : .max
    ) { side, extents in extents[side] <= maximumSide ? .full : .diagonal }
  }

  /// What α multiplies.
  @usableFromInline
  func direction(_ g: [Double], shape: [Int], state: inout State, at t: Int) -> [Double] {
    let layout = layout(of: shape)
    for block in layout.blocks { accumulate(layout.part(block, of: g), block, &state.factors) }
    if t >= startStep && (t - startStep) % preconditionEvery == 0 {
      for block in layout.blocks { computeRoots(block, state.factors, &state.roots, at: t) }
    }
    let mean = mean(g, &state, at: t)
    let grafted = graft(mean, &state, at: t)
    var step = grafted
    if t >= startStep {
      step = mean
      for block in layout.blocks {
        var part = layout.part(block, of: mean)
        for (mode, side) in block.sides.enumerated() {
          part = precondition(part, block.shape, mode, side, state.roots)
        }
        if grafting != .none {
          let ratio = quotientOrZero(norm(layout.part(block, of: grafted)), norm(part))
          for i in part.indices { part[i] *= ratio }
        }
        layout.assign(part, to: block, of: &step)
      }
    }
    guard momentum > 0 else { return step }
    let buffer = state.buffer.mutableElements()
    for i in step.indices {
      buffer[i] = momentum * buffer[i] + step[i]
      step[i] = nesterov ? step[i] + momentum * buffer[i] : buffer[i]
    }
    return step
  }

  /// H ← H + Gᵢ Gᵢᵀ, or the average.
  private func accumulate(_ g: [Double], _ block: KroneckerLayout.Block, _ factors: inout LaneArray<Double>) {
    let all = factors.mutableElements()
    for (mode, side) in block.sides.enumerated() {
      let new =
        side.factor == .full
        ? ModeProduct.gram(g, shape: block.shape, mode: mode)
        : ModeProduct.sumsOfSquares(g, shape: block.shape, mode: mode)
      let factor = all + side.offset
      let weight = 1 - beta2
      for i in 0..<side.count {
        factor[i] = beta2 == 1 ? factor[i] + new[i] : (factor[i] - weight * factor[i]) + weight * new[i]
      }
    }
  }

  /// (H + ε I)^(−p).
  private func computeRoots(
    _ block: KroneckerLayout.Block, _ factors: LaneArray<Double>, _ roots: inout LaneArray<Double>, at t: Int
  ) {
    let isCorrected = biasCorrection && beta2 < 1
    let correction = isCorrected ? 1 / Rate.constant(beta2).oneMinusProduct(through: t) : 1
    let p = exponent > 0 ? exponent : 0.5 / Double(block.sides.count)
    let roots = roots.mutableElements()
    for side in block.sides {
      var factor = (0..<side.count).map { correction * factors.elements[side.offset + $0] }
      let root: [Double]
      switch side.factor {
      case .full:
        let n = side.extent
        // Before the eigenvalues are computed: of a positive definite matrix Jacobi's method finds the small ones too.
        if !relativeEpsilon { for i in 0..<n { factor[i * n + i] += epsilon } }
        let eigen = SymmetricEigen(factor, order: n)
        let shift = (relativeEpsilon ? epsilon * eigen.values[n - 1] : 0) - min(eigen.values[0], 0)
        root = eigen.matrix { inversePower($0 + shift, p) }
      default:
        let shift = relativeEpsilon ? epsilon * factor.reduce(0, Double.maximum) : epsilon
        root = factor.map { inversePower($0 + shift, p) }
      }
      for i in 0..<side.count { roots[side.offset + i] = root[i] }
    }
  }

  private func precondition(
    _ x: [Double], _ shape: [Int], _ mode: Int, _ side: KroneckerLayout.Side, _ roots: LaneArray<Double>
  ) -> [Double] {
    let root = roots.elements + side.offset
    switch side.factor {
    case .full:
      return ModeProduct.multiply(
        x, shape: shape, mode: mode, by: MatrixView(root, rows: side.extent, columns: side.extent))
    default:
      return ModeProduct.scale(x, shape: shape, mode: mode, by: UnsafeBufferPointer(start: root, count: side.extent))
    }
  }

  /// The mean gradient, or g itself.
  private func mean(_ g: [Double], _ state: inout State, at t: Int) -> [Double] {
    guard beta1 > 0 else { return g }
    let m = state.m.mutableElements()
    let correction = biasCorrection ? 1 / Rate.constant(beta1).oneMinusProduct(through: t) : 1
    let weight = 1 - beta1
    return g.indices.map { i in
      m[i] = (m[i] - weight * m[i]) + weight * g[i]
      return correction * m[i]
    }
  }

  /// The grafted method's step, of the mean gradient.
  private func graft(_ u: [Double], _ state: inout State, at t: Int) -> [Double] {
    guard grafting.hasMoment else { return u }
    let v = state.v.mutableElements()
    let correction =
      grafting == .adam && biasCorrection ? 1 / Rate.constant(graftingBeta2).oneMinusProduct(through: t) : 1
    let weight = 1 - graftingBeta2
    return u.indices.map { i in
      let square = u[i] * u[i]
      v[i] = grafting == .adagrad ? v[i] + square : (v[i] - weight * v[i]) + weight * square
      return quotientOrZero(u[i], (correction * v[i]).squareRoot() + graftingEpsilon)
    }
  }

  private func norm(_ x: [Double]) -> Double { x.reduce(0) { $0 + $1 * $1 }.squareRoot() }
}

private func quotientOrZero(_ x: Double, _ y: Double) -> Double { y == 0 ? 0 : x / y }

/// x^(−p), and 0 where x is 0: a direction without gradients has no step.
private func inversePower(_ x: Double, _ p: Double) -> Double {
  if x == 0 { return 0 }
  if p == 0.5 { return 1 / x.squareRoot() }
  if p == 0.25 { return 1 / x.squareRoot().squareRoot() }
  return Double.pow(x, -p)
}
