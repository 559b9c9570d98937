import Descent

extension Tape {
  /// f(x), element by element.
  /// - Throws: ``NetworkError/sparseInput(operation:)``.
  public func apply(_ activation: Activation, to x: Tensor) throws(NetworkError) -> Tensor {
    let xs = try x.elements(for: "activation")
    let count = x.count
    let y = tensor(x.shape, isDifferentiable: x.isDifferentiable)
    let ys = y.mutableElements
    engine.inParallel(count) { part in
      (ys + part.lowerBound).update(from: xs + part.lowerBound, count: part.count)
      activation.apply(to: ys, in: part)
    }
    try record(y, curvature: ActivationCurvature(x: x, activation: activation, y: y, ys: ys)) {
      [unowned self] dy throws(NetworkError) in
      engine.inParallel(count) { activation.applyDerivative(to: dy.elements, y: ys, in: $0) }
      x.receive(gradient: dy)
    }
    return y
  }

  /// a + b, element by element.
  /// - Throws: ``NetworkError/shape(layer:expected:found:)`` if the shapes differ.
  public func add(_ a: Tensor, _ b: Tensor) throws(NetworkError) -> Tensor {
    guard a.shape == b.shape else { throw .shape(layer: "add", expected: "\(a.shape)", found: b.shape) }
    let (xs, zs) = (try a.elements(for: "add"), try b.elements(for: "add"))
    let count = a.count
    let y = tensor(a.shape, isDifferentiable: a.isDifferentiable || b.isDifferentiable)
    let ys = y.mutableElements
    engine.inParallel(count) { part in
      Lanes.fill(ys, part) { i in Lanes.load(xs, i, limit: count) + Lanes.load(zs, i, limit: count) }
    }
    try record(y, curvature: SumCurvature(a: a, b: b)) { [unowned self] dy throws(NetworkError) in
      if b.isDifferentiable {
        let copy = engine.pool.buffer(count: count)
        copy.elements.update(from: dy.elements, count: count)
        b.receive(gradient: copy)
      }
      a.receive(gradient: dy)
    }
    return y
  }

  /// factor·x
  /// - Throws: ``NetworkError/sparseInput(operation:)``.
  public func multiply(_ x: Tensor, by factor: Double) throws(NetworkError) -> Tensor {
    let xs = try x.elements(for: "multiply")
    let count = x.count
    let factor = Float(factor)
    let y = tensor(x.shape, isDifferentiable: x.isDifferentiable)
    let ys = y.mutableElements
    engine.inParallel(count) { part in Lanes.fill(ys, part) { i in factor * Lanes.load(xs, i, limit: count) } }
    try record(y, curvature: ScalingCurvature(x: x, factor: factor)) { [unowned self] dy throws(NetworkError) in
      engine.inParallel(count) { part in Lanes.update(dy.elements, part) { _, dy in factor * dy } }
      x.receive(gradient: dy)
    }
    return y
  }
}
