import Descent

extension Tape {
  /// Cross-entropy of independent Bernoulli variables: summed over each example's elements, averaged over the batch.
  ///
  /// With p = 1/(1 + e⁻ˣ): loss = −1/n Σ t ln p + (1 − t) ln(1 − p) = 1/n Σ max(x, 0) − x t + ln(1 + e^−|x|);
  /// ∂loss/∂x = (p − t)/n.
  ///
  /// - Parameters:
  ///   - logits: x.
  ///   - targets: t, of the same shape, in [0, 1].
  /// - Throws: ``NetworkError/shape(layer:expected:found:)`` if the shapes differ.
  public func sigmoidCrossEntropy(_ logits: Tensor, targets: Tensor) throws(NetworkError) -> Loss {
    try elementwiseLoss("sigmoid cross-entropy", logits, targets) { x, t in
      let (p, softplus) = VectorMath.sigmoidAndSoftplus(x)
      return (softplus - x * t, p - t)
    } second: { x in
      let e = VectorMath.exp(-Float.magnitude(x))
      return e / ((1 + e) * (1 + e))
    } drawn: { x, stream, derivative, count in
      // A target is 1 with probability p.
      stream.fillUniform(UnsafeMutableBufferPointer(start: derivative, count: count))
      return { i in
        let p = VectorMath.sigmoid(Lanes.load(x, i, limit: count))
        let isOne = Float.select(Lane(repeating: 1), .zero, wherePositive: p - Lanes.load(derivative, i))
        return p - isOne
      }
    }
  }

  /// The squared distance of each example from its target, averaged over the batch.
  ///
  /// loss = 1/n Σ (x − t)²; ∂loss/∂x = 2(x − t)/n.
  ///
  /// - Parameters:
  ///   - outputs: x.
  ///   - targets: t, of the same shape.
  /// - Throws: ``NetworkError/shape(layer:expected:found:)`` if the shapes differ.
  public func squaredError(_ outputs: Tensor, targets: Tensor) throws(NetworkError) -> Loss {
    try elementwiseLoss("squared error", outputs, targets) { x, t in
      ((x - t) * (x - t), 2 * (x - t))
    } second: { _ in
      Lane(repeating: 2)
    } drawn: { _, stream, derivative, count in
      // The loss is minus the logarithm of the density of N(x, ½): 2 (x − t) is √2 times a number from N(0, 1).
      stream.fillNormal(UnsafeMutableBufferPointer(start: derivative, count: count))
      return { i in Float(2).squareRoot() * Lanes.load(derivative, i) }
    }
  }

  /// 1/n Σ term(x, t); `term` also returns its derivative by x, `second` is the second derivative, and `drawn` the derivative
  /// for drawn targets.
  @inline(__always)
  private func elementwiseLoss(
    _ name: StaticString, _ x: Tensor, _ targets: Tensor, _ term: (Lane, Lane) -> (value: Lane, derivative: Lane),
    second: (Lane) -> Lane, drawn: @escaping Drawn
  ) throws(NetworkError) -> Loss {
    guard x.shape == targets.shape else {
      throw .shape(layer: "\(name)", expected: "\(targets.shape), as the targets have", found: x.shape)
    }
    let (xs, ts) = (try x.elements(for: name), try targets.elements(for: name))
    let count = x.count
    let share = 1 / Float(x.batchCount)
    let gradient = engine.pool.buffer(count: count)
    let sum = engine.sum(count) { i in
      let (value, derivative) = term(Lanes.load(xs, i, limit: count), Lanes.load(ts, i, limit: count))
      Lanes.store(share * derivative, gradient.elements, i)
      return value
    }
    let curvature = pass.isOfCurvature ? engine.pool.buffer(count: count) : nil
    if let curvature {
      Lanes.fill(curvature.elements, 0..<count) { i in share * second(Lanes.load(xs, i, limit: count)) }
    }
    return Loss(
      value: sum / Double(x.batchCount),
      curvature: { if let curvature { x.receive(diagonal: curvature, scale: $0) } },
      drawn: { [engine] scale, stream in
        let gradient = engine.pool.buffer(count: count)
        let derivative = drawn(xs, &stream, gradient.elements, count)
        engine.inParallel(count) { part in
          Lanes.fill(gradient.elements, part) { (scale * share) * derivative($0) }
        }
        x.receive(gradient: gradient)
      },
      seed: { scale in
        if scale != 1 { Lanes.update(gradient.elements, 0..<count) { _, g in scale * g } }
        x.receive(gradient: gradient)
      })
  }

  /// Draws random numbers for targets into `derivative`, and returns the derivative of each element's term by x with
  /// those targets.
  private typealias Drawn = (
    _ x: UnsafePointer<Float>, _ stream: inout RandomStream, _ derivative: UnsafeMutablePointer<Float>, _ count: Int
  ) -> (_ i: Int) -> Lane
}
