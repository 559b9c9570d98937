extension Tape {
  /// The same values with another shape for each example; copies nothing.
  ///
  /// - Throws: ``NetworkError/shape(layer:expected:found:)`` if the number of elements differs.
  public func reshape(_ x: Tensor, to exampleShape: [Int]) throws(NetworkError) -> Tensor {
    if x.shape.count == exampleShape.count + 1, x.shape.dropFirst().elementsEqual(exampleShape) { return x }
    guard x.exampleCount == exampleShape.reduce(1, *) else {
      throw .shape(layer: "reshape", expected: "\([x.batchCount] + exampleShape)", found: x.shape)
    }
    _ = try x.elements(for: "reshape")
    let y = Tensor(
      shape: [x.batchCount] + exampleShape, storage: x.storage, isDifferentiable: x.isDifferentiable)
    try record(y, curvature: ScalingCurvature(x: x)) { dy throws(NetworkError) in x.receive(gradient: dy) }
    return y
  }
}
