/// z = μ + σε with v = ln σ²: z′ = μ′ + ½ σε v′.
struct GaussianSampleCurvature: OperationCurvature {
  let mean, logVariance: Tensor
  /// σε.
  let deviation: Buffer

  func tangent(on tape: Tape) -> Buffer {
    let (u, w) = (tape.tangent(of: mean), tape.tangent(of: logVariance))
    return tape.buffer(count: mean.count) { i in
      Lanes.load(u.elements, i) + 0.5 * Lanes.load(deviation.elements, i) * Lanes.load(w.elements, i)
    }
  }
}
