extension Tensor {
  /// Starts the backward pass of a loss whose second derivative by this tensor is diagonal: scale · diagonal · x′, or
  /// scale · diagonal in a pass without tangents. Overwrites the diagonal's buffer.
  func receive(diagonal: Buffer, scale: Float) {
    let tangent = tangent?.elements
    Lanes.update(diagonal.elements, 0..<count) { i, d in
      if let tangent { scale * d * Lanes.load(tangent, i) } else { scale * d }
    }
    receive(second: diagonal)
  }
}
