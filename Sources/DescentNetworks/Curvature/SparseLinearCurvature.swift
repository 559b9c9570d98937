import Descent

/// y = f(x W + b) for sparse x, which does not depend on the parameters: y′ = f′ (x V + b′), where V = W′.
struct SparseLinearCurvature: OperationCurvature {
  let x: SparseRows
  let xs: UnsafePointer<Float>
  let weight, bias: Parameter
  let activation: Activation
  let y: Tensor
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

  /// With s = x W + b: dW′ = xᵀ ds′, db′ = Σ ds′.
  func passBack(_ dy: Buffer, tangent: Buffer, on tape: Tape) {
    let yTangent = tape.tangent(of: y)
    tape.engine.inParallel(x.rowCount * outputs) {
      activation.passBack(dy.elements, tangent: tangent.elements, y: ys, yTangent: yTangent.elements, in: $0)
    }
    tape.differentiate(tangent.elements, rows: x.rowCount, columns: outputs, .identity, y: ys, bias: bias)
    let (dw, isFirst) = tape.gradientTarget(of: weight)
    if isFirst { dw.update(repeating: 0, count: weight.count) }
    Tape.forEachElement(of: x) { row, column, k in
      Tape.add(xs[k], times: tangent.elements + row * outputs, to: dw + column * outputs, count: outputs)
    }
  }

  func passBack(diagonal h: Buffer, gradient dy: Buffer?, on tape: Tape) {
    tape.engine.inParallel(x.rowCount * outputs) {
      activation.passBack(diagonal: h.elements, gradient: dy?.elements, y: ys, in: $0)
    }
    tape.differentiate(h.elements, rows: x.rowCount, columns: outputs, .identity, y: ys, bias: bias)
    let (dw, isFirst) = tape.gradientTarget(of: weight)
    if isFirst { dw.update(repeating: 0, count: weight.count) }
    Tape.forEachElement(of: x) { row, column, k in
      Tape.add(xs[k] * xs[k], times: h.elements + row * outputs, to: dw + column * outputs, count: outputs)
    }
  }
}
