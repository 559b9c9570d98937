import Descent

extension Tape {
  /// The Kullback–Leibler divergence of N(μ, σ²) from N(0, 1): a sum over an example's elements, a mean over the batch.
  ///
  /// With v = ln σ²: loss = 1/n Σ ½(μ² + eᵛ − v − 1); ∂loss/∂μ = μ/n, ∂loss/∂v = ½(eᵛ − 1)/n.
  /// Kingma and Welling, "Auto-encoding variational Bayes" (ICLR 2014), appendix B.
  ///
  /// - Parameters:
  ///   - mean: μ.
  ///   - logVariance: v, of the same shape.
  /// - Throws: ``NetworkError/shape(layer:expected:found:)`` if the shapes differ.
  public func gaussianDivergence(mean: Tensor, logVariance: Tensor) throws(NetworkError) -> Loss {
    guard mean.shape == logVariance.shape else {
      throw .shape(layer: "Gaussian divergence", expected: "\(mean.shape), as the mean has", found: logVariance.shape)
    }
    let μ = try mean.elements(for: "Gaussian divergence")
    let v = try logVariance.elements(for: "Gaussian divergence")
    let count = mean.count
    let share = 1 / Float(mean.batchCount)
    let (dμ, dv) = (engine.pool.buffer(count: count), engine.pool.buffer(count: count))
    let sum = engine.sum(count) { i in
      let (μ, v) = (Lanes.load(μ, i, limit: count), Lanes.load(v, i, limit: count))
      let excess = VectorMath.expMinusOne(v)
      Lanes.store(share * μ, dμ.elements, i)
      Lanes.store((0.5 * share) * excess, dv.elements, i)
      return 0.5 * (μ * μ + (excess - v))
    }
    let curvatures = pass.isOfCurvature ? (engine.pool.buffer(count: count), engine.pool.buffer(count: count)) : nil
    if let (ofMean, ofLogVariance) = curvatures {
      Lanes.fill(ofMean.elements, 0..<count) { _ in Lane(repeating: share) }
      Lanes.fill(ofLogVariance.elements, 0..<count) { i in
        (0.5 * share) * VectorMath.exp(Lanes.load(v, i, limit: count))
      }
    }
    return Loss(value: sum / Double(mean.batchCount)) { scale in
      guard let (ofMean, ofLogVariance) = curvatures else { return }
      mean.receive(diagonal: ofMean, scale: scale)
      logVariance.receive(diagonal: ofLogVariance, scale: scale)
    } seed: { scale in
      if scale != 1 {
        Lanes.update(dμ.elements, 0..<count) { _, g in scale * g }
        Lanes.update(dv.elements, 0..<count) { _, g in scale * g }
      }
      mean.receive(gradient: dμ)
      logVariance.receive(gradient: dv)
    }
  }
}
