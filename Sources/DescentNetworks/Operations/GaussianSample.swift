import Descent

extension Tape {
  /// A sample of N(μ, σ²) through which the gradient flows: z = μ + σε with ε from N(0, 1), v = ln σ².
  ///
  /// ∂z/∂μ = 1, ∂z/∂v = ½ σε. Kingma and Welling, "Auto-encoding variational Bayes" (ICLR 2014), section 2.4.
  ///
  /// - Parameters:
  ///   - mean: μ.
  ///   - logVariance: v, of the same shape.
  /// - Throws: ``NetworkError/shape(layer:expected:found:)`` if the shapes differ.
  public func gaussianSample(mean: Tensor, logVariance: Tensor) throws(NetworkError) -> Tensor {
    guard mean.shape == logVariance.shape else {
      throw .shape(layer: "Gaussian sample", expected: "\(mean.shape), as the mean has", found: logVariance.shape)
    }
    let μ = try mean.elements(for: "Gaussian sample")
    let v = try logVariance.elements(for: "Gaussian sample")
    let count = mean.count
    let isDifferentiable = mean.isDifferentiable || logVariance.isDifferentiable
    let deviation = engine.pool.buffer(count: count)
    noise.fillNormal(UnsafeMutableBufferPointer(start: deviation.elements, count: count))
    let z = tensor(mean.shape, isDifferentiable: isDifferentiable)
    let zs = z.mutableElements
    engine.inParallel(count) { part in
      Lanes.update(deviation.elements, part) { i, ε in
        let σε = ε * VectorMath.exp(0.5 * Lanes.load(v, i, limit: count))
        Lanes.store(Lanes.load(μ, i, limit: count) + σε, zs, i)
        return σε
      }
    }
    let curvature = GaussianSampleCurvature(mean: mean, logVariance: logVariance, deviation: deviation)
    try record(z, curvature: curvature) { dz throws(NetworkError) in
      let dv = self.buffer(count: count) { i in 0.5 * Lanes.load(deviation.elements, i) * Lanes.load(dz.elements, i) }
      logVariance.receive(gradient: dv)
      mean.receive(gradient: dz)
    }
    return z
  }
}
