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
      let count = rows.columns.count
      let kept = dropFactors(count: count, rate: rate)
      Lanes.update(kept.elements, count: count) { i, factor in factor * Lanes.load(values, i, limit: count) }
      return Tensor(
        shape: x.shape, storage: .sparse(rows, values: UnsafePointer(kept.elements), owner: kept),
        isDifferentiable: false)
    }
    let xs = try x.elements(for: "dropout")
    let y = tensor(x.shape, isDifferentiable: x.isDifferentiable)
    let count = x.count
    let factors = dropFactors(count: count, rate: rate)
    Lanes.fill(y.mutableElements, count: count) { i in
      Lanes.load(factors.elements, i) * Lanes.load(xs, i, limit: count)
    }
    record(y) { dy throws(NetworkError) in
      Lanes.update(dy.elements, count: count) { i, dy in dy * Lanes.load(factors.elements, i) }
      x.receive(gradient: dy)
    }
    return y
  }

  /// `count` factors that are 0 or 1/(1 − rate), by the next of the tape's random words.
  private func dropFactors(count: Int, rate: Double) -> Buffer {
    let factors = engine.pool.buffer(count: count)
    // The words are written where the factors will be, so that both loops stay simple enough to be fast.
    let words = UnsafeMutableRawPointer(factors.elements).assumingMemoryBound(to: UInt32.self)
    var stream = noise
    stream.fillWords(count: count) { i, word in words[i] = word }
    noise = stream
    // A word below the threshold drops: the rate is met to 2⁻³².
    let threshold = SIMD16(repeating: UInt32(rate * 0x1p32))
    let scale = Lane(repeating: Float(1 / (1 - rate)))
    Lanes.update(factors.elements, count: count) { _, words in
      scale.replacing(with: 0, where: words.bits .< threshold)
    }
    return factors
  }
}
