/// y = f(x W + b): y′ = f′ (x V + x′ W + b′), where V = W′.
struct LinearCurvature: OperationCurvature {
  let x: Tensor
  let xs: UnsafePointer<Float>
  let weight, bias: Parameter
  let activation: Activation
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
}
