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

  /// dμ = dz, dv = ½ σε dz; dμ′ = dz′, dv′ = ½ σε (dz′ + ½ v′ dz).
  func passBack(_ dz: Buffer, tangent: Buffer, on tape: Tape) {
    let w = tape.tangent(of: logVariance)
    func half(_ i: Int) -> Lane { 0.5 * Lanes.load(deviation.elements, i) }
    logVariance.receive(gradient: tape.buffer(count: mean.count) { i in half(i) * Lanes.load(dz.elements, i) })
    logVariance.receive(
      second: tape.buffer(count: mean.count) { i in
        half(i) * (Lanes.load(tangent.elements, i) + 0.5 * Lanes.load(w.elements, i) * Lanes.load(dz.elements, i))
      })
    mean.receive(gradient: dz)
    mean.receive(second: tangent)
  }

  /// ∂²/∂μ² = h, ∂²/∂v² = (½ σε)² h + ¼ σε dz.
  func passBack(diagonal h: Buffer, gradient dz: Buffer?, on tape: Tape) {
    func half(_ i: Int) -> Lane { 0.5 * Lanes.load(deviation.elements, i) }
    logVariance.receive(
      second: tape.buffer(count: mean.count) { i in
        let own = if let dz { 0.5 * Lanes.load(dz.elements, i) } else { Lane.zero }
        return half(i) * (half(i) * Lanes.load(h.elements, i) + own)
      })
    mean.receive(second: h)
    guard let dz else { return }
    logVariance.receive(gradient: tape.buffer(count: mean.count) { i in half(i) * Lanes.load(dz.elements, i) })
    mean.receive(gradient: dz)
  }
}
