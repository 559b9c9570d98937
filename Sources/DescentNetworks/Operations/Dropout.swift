import Descent

extension Tape {
  /// Inverted dropout: each element is 0 with probability `rate`, else divided by 1 − `rate`; x itself in evaluation.
  ///
  /// Hinton, Srivastava, Krizhevsky, Sutskever and Salakhutdinov, "Improving neural networks by preventing co-adaptation
  /// of feature detectors" (2012). Of sparse rows, the stored elements are dropped.
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
      let kept = engine.pool.buffer(count: rows.columns.count)
      drop(values, count: rows.columns.count, rate: rate, into: kept.elements, factors: nil)
      return Tensor(
        shape: x.shape, storage: .sparse(rows, values: UnsafePointer(kept.elements), owner: kept),
        isDifferentiable: false)
    }
    let xs = try x.elements(for: "dropout")
    let y = tensor(x.shape, isDifferentiable: x.isDifferentiable)
    let count = x.count
    let factors = y.isDifferentiable ? engine.pool.buffer(count: count) : nil
    drop(xs, count: count, rate: rate, into: y.mutableElements, factors: factors?.elements)
    record(y) { dy throws(NetworkError) in
      Lanes.update(dy.elements, count: count) { i, dy in dy * Lanes.load(factors!.elements, i) }
      x.receive(gradient: dy)
    }
    return y
  }

  /// y[i] ← x[i]·factor, where the factor is 0 or 1/(1 − rate), by the next of the tape's random words.
  private func drop(
    _ x: UnsafePointer<Float>, count: Int, rate: Double, into y: UnsafeMutablePointer<Float>,
    factors: UnsafeMutablePointer<Float>?
  ) {
    // A word below the threshold drops: the rate is met to 2⁻³².
    let threshold = UInt32(rate * 0x1p32)
    let scale = Float(1 / (1 - rate))
    noise.fillWords(count: count) { i, word in
      let factor = word < threshold ? 0 : scale
      factors?[i] = factor
      y[i] = x[i] * factor
    }
  }
}
