import Descent

extension Tape {
  /// Inverted dropout: each element is 0 with probability `rate`, else divided by 1 − `rate`. Evaluation returns x.
  ///
  /// Hinton, Srivastava, Krizhevsky, Sutskever and Salakhutdinov, "Improving neural networks by preventing co-adaptation
  /// of feature detectors" (2012). In sparse rows, only stored elements are dropped.
  ///
  /// - Parameters:
  ///   - x: Of any shape, dense or sparse.
  ///   - rate: In 0..<1.
  /// - Throws: ``NetworkError/option(owner:name:value:range:)`` if the rate is out of range.
  public func dropout(_ x: Tensor, rate: Double) throws(NetworkError) -> Tensor {
    guard (0..<1).contains(rate) else {
      throw .option(owner: "dropout", name: "the rate", value: "\(rate)", range: "in 0..<1")
    }
    guard isTraining, rate > 0 else { return x }
    if case .sparse(let rows, let values, _) = x.storage {
      let count = rows.columns.count
      let kept = engine.pool.buffer(count: count)
      drop(values, count: count, rate: rate, factors: kept.elements, into: kept.elements)
      return Tensor(
        shape: x.shape, storage: .sparse(rows, values: UnsafePointer(kept.elements), owner: kept),
        isDifferentiable: false)
    }
    let xs = try x.elements(for: "dropout")
    let y = tensor(x.shape, isDifferentiable: x.isDifferentiable)
    let count = x.count
    let factors = engine.pool.buffer(count: count)
    drop(xs, count: count, rate: rate, factors: factors.elements, into: y.mutableElements)
    try record(y, curvature: ScalingCurvature(x: x, factors: factors)) { [unowned self] dy throws(NetworkError) in
      engine.inParallel(count) { part in
        Lanes.update(dy.elements, part) { i, dy in dy * Lanes.load(factors.elements, i) }
      }
      x.receive(gradient: dy)
    }
    return y
  }

  /// y ← x · factors. The tape's next random words make each factor 0 or 1/(1 − rate); y and the factors may share
  /// memory.
  private func drop(
    _ x: UnsafePointer<Float>, count: Int, rate: Double, factors: UnsafeMutablePointer<Float>,
    into y: UnsafeMutablePointer<Float>
  ) {
    let words = UnsafeMutableRawPointer(factors).assumingMemoryBound(to: UInt32.self)
    // A word below the threshold drops its element: the rate is exact to 2⁻³².
    let threshold = UInt32(rate * 0x1p32)
    let scale = Float(1 / (1 - rate)).bitPattern
    let noise = noise
    engine.inParallel(count) { part in
      noise.writeWords(from: part.lowerBound, to: words + part.lowerBound, count: part.count)
      for i in part { words[i] = words[i] < threshold ? 0 : scale }
      Lanes.fill(y, part) { i in Lanes.load(factors, i) * Lanes.load(x, i, limit: count) }
    }
    self.noise.skipWords(count)
  }
}
