import COneDNN

/// y = f(x ∗ W + b): y′ = f′ (x ∗ V + x′ ∗ W + b′), where V = W′.
struct ConvolutionCurvature: OperationCurvature {
  let x: Tensor
  let xs: UnsafePointer<Float>
  let weight, bias: Parameter
  let activation: Activation
  let window: Window
  let y: Tensor
  let ys: UnsafePointer<Float>

  /// Elements of y.
  private var count: Int { window.batch * window.output.reduce(1, *) }

  func tangent(on tape: Tape) throws(NetworkError) -> Buffer {
    let (engine, pool) = (tape.engine, tape.engine.pool)
    let convolve = try engine.primitive(onednn_convolution, window)
    let s = pool.buffer(count: count)
    try convolve(xs, tape.tangent(of: weight), tape.tangent(of: bias), s.elements, pool: pool)
    if let u = x.tangent {
      let (part, zeros) = (pool.buffer(count: count), tape.zeros(bias.count))
      try convolve(u.elements, tape.values(of: weight), zeros.elements, part.elements, pool: pool)
      engine.inParallel(count) { Lanes.update(s.elements, $0) { i, s in s + Lanes.load(part.elements, i) } }
    }
    engine.inParallel(count) { activation.applyDerivative(to: s.elements, y: ys, in: $0) }
    return s
  }

  /// With s = x ∗ W + b, and the products by which a convolution's gradients are computed: dW′ from x and ds′, and from x′
  /// and ds; db′ = Σ ds′; dx′ from ds′ and W, and from ds and V.
  func passBack(_ dy: Buffer, tangent: Buffer, on tape: Tape) throws(NetworkError) {
    let (engine, pool) = (tape.engine, tape.engine.pool)
    let yTangent = tape.tangent(of: y)
    engine.inParallel(count) {
      activation.passBack(dy.elements, tangent: tangent.elements, y: ys, yTangent: yTangent.elements, in: $0)
    }
    let (ds, dsTangent) = (dy.elements, tangent.elements)
    let ofWeight = try engine.primitive(onednn_convolution_weight_gradient, window)
    try tape.withOverwritableGradients(of: weight, bias) { dw, db throws(NetworkError) in
      try ofWeight(xs, dsTangent, dw, db, pool: pool)
    }
    if let u = x.tangent {
      let (part, unused) = (pool.buffer(count: weight.count), pool.buffer(count: bias.count))
      try ofWeight(u.elements, ds, part.elements, unused.elements, pool: pool)
      let dw = tape.gradientTarget(of: weight).elements
      for i in 0..<weight.count { dw[i] += part.elements[i] }
    }
    guard x.isDifferentiable else { return }
    let w = tape.values(of: weight)
    x.receive(gradient: try inputGradient(ds, w, on: engine))
    x.receive(second: try inputGradient(dsTangent, w, on: engine))
    x.receive(second: try inputGradient(ds, tape.tangent(of: weight), on: engine))
  }

  /// As in a linear layer, with x² and W² in place of x and W. A weight's second derivative is the sum of those of all
  /// places where it is used: LeCun, Bottou, Orr and Müller, "Efficient BackProp" (1998).
  func passBack(diagonal h: Buffer, gradient dy: Buffer?, on tape: Tape) throws(NetworkError) {
    let engine = tape.engine
    engine.inParallel(count) { activation.passBack(diagonal: h.elements, gradient: dy?.elements, y: ys, in: $0) }
    let ofWeight = try engine.primitive(onednn_convolution_weight_gradient, window)
    try tape.withSquares(xs, count: x.count) { squares throws(NetworkError) in
      try tape.withOverwritableGradients(of: weight, bias) { dw, db throws(NetworkError) in
        try ofWeight(squares, h.elements, dw, db, pool: engine.pool)
      }
    }
    guard x.isDifferentiable else { return }
    let w = tape.values(of: weight)
    try tape.withSquares(w, count: weight.count) { squares throws(NetworkError) in
      x.receive(second: try inputGradient(h.elements, squares, on: engine))
    }
    if let dy { x.receive(gradient: try inputGradient(dy.elements, w, on: engine)) }
  }

  /// What goes back to x from ds through the weights w.
  private func inputGradient(
    _ ds: UnsafePointer<Float>, _ w: UnsafePointer<Float>, on engine: Engine
  ) throws(NetworkError) -> Buffer {
    let dx = engine.pool.buffer(count: x.count)
    try engine.primitive(onednn_convolution_input_gradient, window)(ds, w, dx.elements, pool: engine.pool)
    return dx
  }
}
