/// y = a + b: y′ = a′ + b′.
struct SumCurvature: OperationCurvature {
  let a, b: Tensor

  func tangent(on tape: Tape) -> Buffer {
    let (u, w) = (tape.tangent(of: a), tape.tangent(of: b))
    return tape.buffer(count: a.count) { i in Lanes.load(u.elements, i) + Lanes.load(w.elements, i) }
  }

  func passBack(_ dy: Buffer, tangent: Buffer, on tape: Tape) {
    // A tensor may add to the buffer that it receives first, so b gets copies.
    b.receive(gradient: tape.buffer(count: b.count) { Lanes.load(dy.elements, $0) })
    b.receive(second: tape.buffer(count: b.count) { Lanes.load(tangent.elements, $0) })
    a.receive(gradient: dy)
    a.receive(second: tangent)
  }

  func passBack(diagonal h: Buffer, gradient dy: Buffer?, on tape: Tape) {
    b.receive(second: tape.buffer(count: b.count) { Lanes.load(h.elements, $0) })
    a.receive(second: h)
    guard let dy else { return }
    b.receive(gradient: tape.buffer(count: b.count) { Lanes.load(dy.elements, $0) })
    a.receive(gradient: dy)
  }
}
