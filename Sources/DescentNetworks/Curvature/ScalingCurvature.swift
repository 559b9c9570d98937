/// y = c x, with a number c or one for each element: y′ = c x′.
struct ScalingCurvature: OperationCurvature {
  let x: Tensor
  var factor: Float = 1
  var factors: Buffer?

  func tangent(on tape: Tape) -> Buffer { scaled(tape.tangent(of: x), on: tape) }

  private func scaled(_ u: Buffer, on tape: Tape) -> Buffer {
    if let factors {
      return tape.buffer(count: x.count) { i in Lanes.load(factors.elements, i) * Lanes.load(u.elements, i) }
    }
    return factor == 1 ? u : tape.buffer(count: x.count) { i in factor * Lanes.load(u.elements, i) }
  }

  func passBack(_ dy: Buffer, tangent: Buffer, on tape: Tape) {
    x.receive(gradient: scaled(dy, on: tape))
    x.receive(second: scaled(tangent, on: tape))
  }

  func passBack(diagonal h: Buffer, gradient dy: Buffer?, on tape: Tape) {
    x.receive(second: scaled(scaled(h, on: tape), on: tape))
    if let dy { x.receive(gradient: scaled(dy, on: tape)) }
  }
}
