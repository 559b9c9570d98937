import Descent

extension Tape {
  /// f(x W + b) for sparse x: work and memory are proportional to the stored elements.
  func sparseLinear(
    _ x: SparseRows, values xs: UnsafePointer<Float>, owner: Buffer?, weight: Parameter, bias: Parameter,
    activation: Activation
  ) throws(NetworkError) -> Tensor {
    let outputs = weight.shape[1]
    let y = tensor([x.rowCount, outputs])
    let ys = y.mutableElements
    let w = values(of: weight)
    ys.update(repeating: 0, count: x.rowCount * outputs)
    Self.forEachElement(of: x) { row, column, k in
      Self.add(xs[k], times: w + column * outputs, to: ys + row * outputs, count: outputs)
    }
    let b = values(of: bias)
    engine.inParallel(rows: x.rowCount, columns: outputs) { part in
      activation.apply(to: ys + part.lowerBound * outputs, rows: part.count, columns: outputs, bias: b)
    }
    let curvature = SparseLinearCurvature(
      x: x, xs: xs, weight: weight, bias: bias, activation: activation, y: y, ys: ys)
    try record(y, weight: weight, bias: bias, curvature: curvature) { [unowned self] dy throws(NetworkError) in
      _ = owner
      differentiate(dy.elements, rows: x.rowCount, columns: outputs, activation, y: ys, bias: bias)
      try observe(weight, { () throws(NetworkError) in throw .sparseInput(operation: "the statistics of layers") }())
      guard computesWeightGradients else { return }
      let (dw, isFirst) = gradientTarget(of: weight)
      if isFirst { dw.update(repeating: 0, count: weight.count) }
      Self.forEachElement(of: x) { row, column, k in
        Self.add(xs[k], times: dy.elements + row * outputs, to: dw + column * outputs, count: outputs)
      }
    }
    return y
  }

  @inline(__always)
  static func forEachElement(of x: SparseRows, _ body: (_ row: Int, _ column: Int, _ position: Int) -> Void) {
    x.columns.withUnsafeBufferPointer { columns in
      for row in 0..<x.rowCount {
        for k in x.rowStarts[row]..<x.rowStarts[row + 1] { body(row, Int(columns[k]), k) }
      }
    }
  }

  /// y ← y + a·x
  @inline(__always)
  static func add(
    _ a: Float, times x: UnsafePointer<Float>, to y: UnsafeMutablePointer<Float>, count: Int
  ) {
    let whole = count / Lanes.width * Lanes.width
    for i in stride(from: 0, to: whole, by: Lanes.width) { Lanes.store(Lanes.load(y, i) + a * Lanes.load(x, i), y, i) }
    for i in whole..<count { y[i] += a * x[i] }
  }
}
