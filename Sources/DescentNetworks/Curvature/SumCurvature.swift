/// y = a + b: y′ = a′ + b′.
struct SumCurvature: OperationCurvature {
  let a, b: Tensor

  func tangent(on tape: Tape) -> Buffer {
    let (u, w) = (tape.tangent(of: a), tape.tangent(of: b))
    return tape.buffer(count: a.count) { i in Lanes.load(u.elements, i) + Lanes.load(w.elements, i) }
  }
}
