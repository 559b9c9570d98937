import Descent

extension Tape {
  /// f(x W + b): the sum over the inputs, the bias and the nonlinearity in one operation.
  ///
  /// - Parameters:
  ///   - x: [batch, inputs], dense or sparse.
  ///   - weight: [inputs, outputs].
  ///   - bias: [outputs].
  ///   - activation: f.
  ///   - layer: The layer's name, for errors.
  /// - Returns: [batch, outputs].
  /// - Throws: ``NetworkError/shape(layer:expected:found:)`` if the shapes do not match.
  public func linear(
    _ x: Tensor, weight: Parameter, bias: Parameter, activation: Activation = .identity, layer: String = "linear"
  ) throws(NetworkError) -> Tensor {
    guard weight.shape.count == 2, bias.shape == [weight.shape[1]] else {
      throw .shape(layer: layer, expected: "a weight [inputs, outputs] and a bias [outputs]", found: weight.shape)
    }
    let (inputs, outputs) = (weight.shape[0], weight.shape[1])
    guard x.shape.count == 2, x.shape[1] == inputs else {
      throw .shape(layer: layer, expected: "[batch, \(inputs)]", found: x.shape)
    }
    if case .sparse(let rows, let values, let owner) = x.storage {
      return try sparseLinear(rows, values: values, owner: owner, weight: weight, bias: bias, activation: activation)
    }
    let xs = try x.elements(for: "linear")
    let batch = x.batchCount
    let y = tensor([batch, outputs])
    let ys = y.mutableElements
    let isReLU = activation == .relu
    try engine.multiply(
      xs, values(of: weight), bias: values(of: bias), into: ys,
      Product(m: batch, n: outputs, k: inputs, addsBias: true, isReLU: isReLU))
    if !isReLU { engine.inParallel(batch * outputs) { activation.apply(to: ys, in: $0) } }
    let curvature = LinearCurvature(x: x, xs: xs, weight: weight, bias: bias, activation: activation, y: y, ys: ys)
    try record(y, weight: weight, bias: bias, curvature: curvature) { [unowned self] dy throws(NetworkError) in
      differentiate(dy.elements, rows: batch, columns: outputs, activation, y: ys, bias: bias)
      try observe(
        weight, LayerRows(inputs: .rows(xs), outputGradients: dy.elements, exampleCount: batch, rowCount: batch))
      if computesWeightGradients {
        let (dw, isFirst) = gradientTarget(of: weight)
        try engine.multiply(
          xs, dy.elements, into: dw,
          Product(m: inputs, n: outputs, k: batch, transposesA: true, accumulates: !isFirst))
      }
      // The network's own input needs no gradient, which saves a whole product.
      guard x.isDifferentiable else { return }
      let (dx, isFirstPart) = x.gradientTarget(from: engine.pool)
      try engine.multiply(
        dy.elements, values(of: weight), into: dx,
        Product(m: batch, n: inputs, k: outputs, transposesB: true, accumulates: !isFirstPart))
    }
    return y
  }

  /// dy ← dy f′(…); adds the sums of its columns to the bias' gradient.
  func differentiate(
    _ dy: UnsafeMutablePointer<Float>, rows: Int, columns: Int, _ activation: Activation, y: UnsafePointer<Float>,
    bias: Parameter
  ) {
    let (db, isFirst) = gradientTarget(of: bias)
    if isFirst { db.update(repeating: 0, count: columns) }
    // Split by columns, so that one thread computes each sum.
    let grain = max(1, Engine.grain / rows / Lanes.width) * Lanes.width
    engine.inParallel(columns, grain: grain) { part in
      activation.applyDerivative(to: dy, rows: rows, columns: columns, in: part, y: y, columnSums: db)
    }
  }
}
