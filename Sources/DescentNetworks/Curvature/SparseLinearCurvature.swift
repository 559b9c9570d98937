import Descent

/// y = f(x W + b) for sparse x, which does not depend on the parameters: y′ = f′ (x V + b′), where V = W′.
struct SparseLinearCurvature: OperationCurvature {
  let x: SparseRows
  let xs: UnsafePointer<Float>
  let weight, bias: Parameter
  let activation: Activation
  let ys: UnsafePointer<Float>

  private var outputs: Int { weight.shape[1] }

  func tangent(on tape: Tape) -> Buffer {
    let count = x.rowCount * outputs
    let s = tape.engine.pool.buffer(count: count)
    let (v, b) = (tape.tangent(of: weight), tape.tangent(of: bias))
    for row in 0..<x.rowCount { (s.elements + row * outputs).update(from: b, count: outputs) }
    Tape.forEachElement(of: x) { row, column, k in
      Tape.add(xs[k], times: v + column * outputs, to: s.elements + row * outputs, count: outputs)
    }
    tape.engine.inParallel(count) { activation.applyDerivative(to: s.elements, y: ys, in: $0) }
    return s
  }
}
