/// y = f(x): y′ = f′ x′.
struct ActivationCurvature: OperationCurvature {
  let x: Tensor
  let activation: Activation
  let ys: UnsafePointer<Float>

  func tangent(on tape: Tape) -> Buffer {
    let u = tape.tangent(of: x)
    let y = tape.buffer(count: x.count) { Lanes.load(u.elements, $0) }
    tape.engine.inParallel(x.count) { activation.applyDerivative(to: y.elements, y: ys, in: $0) }
    return y
  }
}
