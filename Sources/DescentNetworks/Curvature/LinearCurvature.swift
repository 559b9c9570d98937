/// y = f(x W + b): y′ = f′ (x V + x′ W + b′), where V = W′.
struct LinearCurvature: OperationCurvature {
  let x: Tensor
  let xs: UnsafePointer<Float>
  let weight, bias: Parameter
  let activation: Activation
  let y: Tensor
  let ys: UnsafePointer<Float>

  private var rows: Int { x.batchCount }
  private var inputs: Int { weight.shape[0] }
  private var outputs: Int { weight.shape[1] }

  func tangent(on tape: Tape) throws(NetworkError) -> Buffer {
    let engine = tape.engine
    let s = engine.pool.buffer(count: rows * outputs)
    try engine.multiply(
      xs, tape.tangent(of: weight), bias: tape.tangent(of: bias), into: s.elements,
      Product(m: rows, n: outputs, k: inputs, addsBias: true))
    if let u = x.tangent {
      try engine.multiply(
        u.elements, tape.values(of: weight), into: s.elements,
        Product(m: rows, n: outputs, k: inputs, accumulates: true))
    }
    engine.inParallel(rows * outputs) { activation.applyDerivative(to: s.elements, y: ys, in: $0) }
    return s
  }

  /// With s = x W + b: dW′ = xᵀ ds′ + x′ᵀ ds, db′ = Σ ds′, dx′ = ds′ Wᵀ + ds Vᵀ.
  func passBack(_ dy: Buffer, tangent: Buffer, on tape: Tape) throws(NetworkError) {
    let engine = tape.engine
    let yTangent = tape.tangent(of: y)
    engine.inParallel(rows * outputs) {
      activation.passBack(dy.elements, tangent: tangent.elements, y: ys, yTangent: yTangent.elements, in: $0)
    }
    let (ds, dsTangent) = (dy.elements, tangent.elements)
    tape.differentiate(dsTangent, rows: rows, columns: outputs, .identity, y: ys, bias: bias)
    let (dw, isFirst) = tape.gradientTarget(of: weight)
    var ofWeight = Product(m: inputs, n: outputs, k: rows, transposesA: true, accumulates: !isFirst)
    try engine.multiply(xs, dsTangent, into: dw, ofWeight)
    ofWeight.accumulates = true
    if let u = x.tangent { try engine.multiply(u.elements, ds, into: dw, ofWeight) }
    guard x.isDifferentiable else { return }
    let (dx, dxTangent) = (engine.pool.buffer(count: x.count), engine.pool.buffer(count: x.count))
    var ofInput = Product(m: rows, n: inputs, k: outputs, transposesB: true)
    try engine.multiply(ds, tape.values(of: weight), into: dx.elements, ofInput)
    try engine.multiply(dsTangent, tape.values(of: weight), into: dxTangent.elements, ofInput)
    ofInput.accumulates = true
    try engine.multiply(ds, tape.tangent(of: weight), into: dxTangent.elements, ofInput)
    x.receive(gradient: dx)
    x.receive(second: dxTangent)
  }

  /// With s = x W + b: ∂²/∂W² = (x²)ᵀ h, ∂²/∂b² = Σ h, ∂²/∂x² = h (W²)ᵀ for the second derivatives h by s.
  func passBack(diagonal h: Buffer, gradient dy: Buffer?, on tape: Tape) throws(NetworkError) {
    let engine = tape.engine
    engine.inParallel(rows * outputs) {
      activation.passBack(diagonal: h.elements, gradient: dy?.elements, y: ys, in: $0)
    }
    tape.differentiate(h.elements, rows: rows, columns: outputs, .identity, y: ys, bias: bias)
    let (dw, isFirst) = tape.gradientTarget(of: weight)
    try tape.withSquares(xs, count: x.count) { squares throws(NetworkError) in
      try engine.multiply(
        squares, h.elements, into: dw,
        Product(m: inputs, n: outputs, k: rows, transposesA: true, accumulates: !isFirst))
    }
    guard x.isDifferentiable else { return }
    let ofInput = Product(m: rows, n: inputs, k: outputs, transposesB: true)
    func inputGradient(_ dy: Buffer, _ w: UnsafePointer<Float>) throws(NetworkError) -> Buffer {
      let dx = engine.pool.buffer(count: x.count)
      try engine.multiply(dy.elements, w, into: dx.elements, ofInput)
      return dx
    }
    let w = tape.values(of: weight)
    try tape.withSquares(w, count: weight.count) { squares throws(NetworkError) in
      x.receive(second: try inputGradient(h, squares))
    }
    if let dy { x.receive(gradient: try inputGradient(dy, w)) }
  }
}
