import RealModule

extension Shampoo {
  /// - Parameter shape: The parameter's sides, in ``form``.
  func layout(of shape: [Int]) -> KroneckerLayout {
    KroneckerLayout(
      shape, blockLimit: oversized == .blocks ? maximumSide : .max
    ) { side, extents in extents[side] <= maximumSide ? .full : .diagonal }
  }

  /// Whether the roots are computed at step t: at `startStep`, every `preconditionEvery` steps after it, and also
  /// 1, 3, 7, … steps after it while that is sooner. The factors of a few gradients are soon out of date.
  func renewsRoots(at t: Int) -> Bool {
    guard t >= startStep else { return false }
    let done = t - startStep
    return done % preconditionEvery == 0 || done + 1 < preconditionEvery && (done + 1) & done == 0
  }

  /// Makes a step, block by block: `apply` gets the direction that α multiplies.
  @usableFromInline
  func step(
    _ shape: [Int], state: inout State, at t: Int, threads: Int, gradient: @escaping TensorReader,
    apply: @escaping TensorWriter
  ) {
    let layout = layout(of: shape)
    let (factors, roots) = (state.factors.mutableElements(), state.roots.mutableElements())
    let (m, v, buffer) = (state.m.mutableElements(), state.v.mutableElements(), state.buffer.mutableElements())
    let renews = renewsRoots(at: t)
    // If there are many blocks, threads share them; if there are few, all threads work on each.
    let blockThreads = layout.blocks.count < threads ? threads : 1
    forEachTask(layout.blocks.count, threads: threads) { b in
      let block = layout.blocks[b]
      var step = layout.part(block, gradient)
      accumulate(step, block, factors, blockThreads)
      if renews { computeRoots(block, factors, roots, at: t, blockThreads) }
      if beta1 > 0 {
        var mean = layout.part(block, of: m)
        average(&step, &mean, at: t)
        layout.assign(mean, to: block, of: m)
      }
      var grafted = step
      if grafting.hasMoment {
        var square = layout.part(block, of: v)
        graft(&grafted, &square, at: t)
        layout.assign(square, to: block, of: v)
      }
      if t < startStep {
        step = grafted
      } else {
        for (mode, side) in block.sides.enumerated() {
          step = precondition(step, block.shape, mode, side, roots, blockThreads)
        }
        if grafting != .none {
          let ratio = quotientOrZero(norm(grafted), norm(step))
          for i in step.indices { step[i] *= ratio }
        }
      }
      if momentum > 0 {
        var sum = layout.part(block, of: buffer)
        for i in step.indices {
          sum[i] = momentum * sum[i] + step[i]
          step[i] = nesterov ? step[i] + momentum * sum[i] : sum[i]
        }
        layout.assign(sum, to: block, of: buffer)
      }
      layout.assign(step, to: block, apply)
    }
  }

  /// H ← H + Gᵢ Gᵢᵀ, or the average.
  private func accumulate(
    _ g: [Double], _ block: KroneckerLayout.Block, _ factors: UnsafeMutablePointer<Double>, _ threads: Int
  ) {
    let (isSum, weight) = (beta2 == 1, 1 - beta2)
    for (mode, side) in block.sides.enumerated() {
      let factor = factors + side.offset
      if isSum && side.factor == .full {
        ModeProduct.gram(g, shape: block.shape, mode: mode, into: factor, adds: true, threads: threads)
        continue
      }
      var new: [Double]
      if side.factor == .full {
        new = Array(repeating: 0, count: side.count)
        ModeProduct.gram(g, shape: block.shape, mode: mode, into: &new, adds: false, threads: threads)
      } else {
        new = ModeProduct.sumsOfSquares(g, shape: block.shape, mode: mode)
      }
      for i in 0..<side.count {
        factor[i] = isSum ? factor[i] + new[i] : (factor[i] - weight * factor[i]) + weight * new[i]
      }
    }
  }

  /// (H + ε I)^(−p).
  private func computeRoots(
    _ block: KroneckerLayout.Block, _ factors: UnsafePointer<Double>, _ roots: UnsafeMutablePointer<Double>, at t: Int,
    _ threads: Int
  ) {
    let isCorrected = biasCorrection && beta2 < 1
    let correction = isCorrected ? 1 / Schedule.constant(beta2).oneMinusProduct(through: t) : 1
    let p = exponent > 0 ? exponent : 0.5 / Double(block.sides.count)
    forEachTask(block.sides.count, threads: threads) { i in
      let side = block.sides[i]
      var factor = (0..<side.count).map { correction * factors[side.offset + $0] }
      let root: [Double]
      switch side.factor {
      case .full:
        let n = side.extent
        // ε is added first: Jacobi's method finds a positive definite matrix's small eigenvalues too.
        if !relativeEpsilon { for i in 0..<n { factor[i * n + i] += epsilon } }
        let eigen = SymmetricEigen(factor, order: n, threads: threads)
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
    _ x: [Double], _ shape: [Int], _ mode: Int, _ side: KroneckerLayout.Side, _ roots: UnsafePointer<Double>,
    _ threads: Int
  ) -> [Double] {
    let root = roots + side.offset
    switch side.factor {
    case .full:
      // The root is symmetric, and the product reads it column by column.
      let root = MatrixView(root, rows: side.extent, columns: side.extent).transposed
      return ModeProduct.multiply(x, shape: shape, mode: mode, by: root, threads: threads)
    default:
      return ModeProduct.scale(x, shape: shape, mode: mode, by: UnsafeBufferPointer(start: root, count: side.extent))
    }
  }

  /// Replaces g by the mean gradient.
  private func average(_ g: inout [Double], _ m: inout [Double], at t: Int) {
    let correction = biasCorrection ? 1 / Schedule.constant(beta1).oneMinusProduct(through: t) : 1
    let weight = 1 - beta1
    for i in g.indices {
      m[i] = (m[i] - weight * m[i]) + weight * g[i]
      g[i] = correction * m[i]
    }
  }

  /// Replaces the mean gradient by the grafted method's step.
  private func graft(_ u: inout [Double], _ v: inout [Double], at t: Int) {
    let correction =
      grafting == .adam && biasCorrection ? 1 / Schedule.constant(graftingBeta2).oneMinusProduct(through: t) : 1
    let weight = 1 - graftingBeta2
    for i in u.indices {
      let square = u[i] * u[i]
      v[i] = grafting == .adagrad ? v[i] + square : (v[i] - weight * v[i]) + weight * square
      u[i] = quotientOrZero(u[i], (correction * v[i]).squareRoot() + graftingEpsilon)
    }
  }

  private func norm(_ x: [Double]) -> Double { x.reduce(0) { $0 + $1 * $1 }.squareRoot() }
}

private func quotientOrZero(_ x: Double, _ y: Double) -> Double { y == 0 ? 0 : x / y }

/// x^(−p), and 0 if x is 0: a direction without gradients has no step.
private func inversePower(_ x: Double, _ p: Double) -> Double {
  if x == 0 { return 0 }
  if p == 0.5 { return 1 / x.squareRoot() }
  if p == 0.25 { return 1 / x.squareRoot().squareRoot() }
  return Double.pow(x, -p)
}
