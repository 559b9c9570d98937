/// How passes for curvature go through an operation. Each has a value of such a type beside its backward closure.
///
/// A tangent x′ is the derivative of x along θ + τ v by τ, at τ = 0.
protocol OperationCurvature {
  /// The output's tangent, from those of the inputs and parameters.
  func tangent(on tape: Tape) throws(NetworkError) -> Buffer

  /// Passes the output's gradient dy and its tangent dy′ back: both to the inputs, the tangents of gradients to the
  /// parameters. May overwrite both buffers.
  func passBack(_ dy: Buffer, tangent: Buffer, on tape: Tape) throws(NetworkError)

  /// Passes the second derivative h of the loss by each element of the output back to the inputs and parameters, one
  /// number for each element, as Becker and LeCun do: what two elements have in common is left out. May overwrite both
  /// buffers.
  ///
  /// - Parameters:
  ///   - h: ∂²loss/∂y².
  ///   - dy: The output's gradient, passed back as well, for the second derivatives of the operation itself; nil if they
  ///     are left out.
  func passBack(diagonal h: Buffer, gradient dy: Buffer?, on tape: Tape) throws(NetworkError)
}

extension Tape {
  /// The tangent of `parameter`: its part of v.
  func tangent(of parameter: Parameter) -> UnsafePointer<Float> { pass.direction! + offset(of: parameter) }

  /// The tangent of a dense tensor: 0 if it does not depend on the parameters.
  func tangent(of x: Tensor) -> Buffer {
    x.tangent ?? zeros(x.count)
  }

  func zeros(_ count: Int) -> Buffer {
    let zeros = engine.pool.buffer(count: count)
    zeros.elements.update(repeating: 0, count: count)
    return zeros
  }

  /// Calls `body` with the squares of `count` numbers. Their memory goes back to the pool afterwards, not before.
  func withSquares(
    _ x: UnsafePointer<Float>, count: Int, _ body: (UnsafePointer<Float>) throws(NetworkError) -> Void
  ) throws(NetworkError) {
    let squares = buffer(count: count) { i in
      let x = Lanes.load(x, i, limit: count)
      return x * x
    }
    defer { withExtendedLifetime(squares) {} }
    try body(squares.elements)
  }

  /// A buffer whose lanes are body(i), i being a lane's start.
  @inline(__always)
  func buffer(count: Int, _ body: (_ i: Int) -> Lane) -> Buffer {
    let buffer = engine.pool.buffer(count: count)
    engine.inParallel(count) { Lanes.fill(buffer.elements, $0, body) }
    return buffer
  }
}
