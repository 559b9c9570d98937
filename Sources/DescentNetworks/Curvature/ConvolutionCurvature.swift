import COneDNN

/// y = f(x ∗ W + b): y′ = f′ (x ∗ V + x′ ∗ W + b′), where V = W′.
struct ConvolutionCurvature: OperationCurvature {
  let x: Tensor
  let xs: UnsafePointer<Float>
  let weight, bias: Parameter
  let activation: Activation
  let window: Window
  let ys: UnsafePointer<Float>

  /// Elements of y.
  private var count: Int { window.batch * window.output.reduce(1, *) }

  func tangent(on tape: Tape) throws(NetworkError) -> Buffer {
    let (engine, pool) = (tape.engine, tape.engine.pool)
    let convolve = try engine.primitive(onednn_convolution, window)
    let s = pool.buffer(count: count)
    try convolve(xs, tape.tangent(of: weight), tape.tangent(of: bias), s.elements, pool: pool)
    if let u = x.tangent {
      let (part, zeros) = (pool.buffer(count: count), pool.buffer(count: bias.count))
      zeros.elements.update(repeating: 0, count: bias.count)
      try convolve(u.elements, tape.values(of: weight), zeros.elements, part.elements, pool: pool)
      engine.inParallel(count) { Lanes.update(s.elements, $0) { i, s in s + Lanes.load(part.elements, i) } }
    }
    engine.inParallel(count) { activation.applyDerivative(to: s.elements, y: ys, in: $0) }
    return s
  }
}
