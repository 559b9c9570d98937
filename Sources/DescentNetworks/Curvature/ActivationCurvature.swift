/// y = f(x): y′ = f′ x′.
struct ActivationCurvature: OperationCurvature {
  let x: Tensor
  let activation: Activation
  let y: Tensor
  let ys: UnsafePointer<Float>

  func tangent(on tape: Tape) -> Buffer {
    let u = tape.tangent(of: x)
    let y = tape.buffer(count: x.count) { Lanes.load(u.elements, $0) }
    tape.engine.inParallel(x.count) { activation.applyDerivative(to: y.elements, y: ys, in: $0) }
    return y
  }

  func passBack(_ dy: Buffer, tangent: Buffer, on tape: Tape) {
    let yTangent = tape.tangent(of: y)
    tape.engine.inParallel(x.count) {
      activation.passBack(dy.elements, tangent: tangent.elements, y: ys, yTangent: yTangent.elements, in: $0)
    }
    x.receive(gradient: dy)
    x.receive(second: tangent)
  }

  func passBack(diagonal h: Buffer, gradient dy: Buffer?, on tape: Tape) {
    tape.engine.inParallel(x.count) {
      activation.passBack(diagonal: h.elements, gradient: dy?.elements, y: ys, in: $0)
    }
    x.receive(second: h)
    if let dy { x.receive(gradient: dy) }
  }
}
