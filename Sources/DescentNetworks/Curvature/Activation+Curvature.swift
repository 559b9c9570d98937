extension Activation {
  /// Takes a gradient dy and its tangent dy′ from y = f(x) to x, for the elements of `range` of pooled buffers:
  ///
  ///     dy′ ← dy′ f′ + dy f″ x′,  dy ← dy f′
  ///
  /// f′ is a function φ of y, so f″ x′ = φ′(y) y′.
  func passBack(
    _ dy: UnsafeMutablePointer<Float>, tangent dyTangent: UnsafeMutablePointer<Float>, y: UnsafePointer<Float>,
    yTangent: UnsafePointer<Float>, in range: Range<Int>
  ) {
    guard isCurved else {
      applyDerivative(to: dyTangent, y: y, in: range)
      applyDerivative(to: dy, y: y, in: range)
      return
    }
    forEachSlope(y, in: range) { i, slope, change in
      let g = Lanes.load(dy, i)
      Lanes.store(Lanes.load(dyTangent, i) * slope + g * change * Lanes.load(yTangent, i), dyTangent, i)
      Lanes.store(g * slope, dy, i)
    }
  }

  /// Takes a second derivative h = ∂²loss/∂y² and, unless it is nil, a gradient dy from y = f(x) to x, for the elements of
  /// `range` of pooled buffers:
  ///
  ///     h ← h f′² + dy f″,  dy ← dy f′
  func passBack(
    diagonal h: UnsafeMutablePointer<Float>, gradient dy: UnsafeMutablePointer<Float>?, y: UnsafePointer<Float>,
    in range: Range<Int>
  ) {
    guard isCurved, let dy else {
      applyDerivative(to: h, y: y, in: range)
      applyDerivative(to: h, y: y, in: range)
      if let dy { applyDerivative(to: dy, y: y, in: range) }
      return
    }
    forEachSlope(y, in: range) { i, slope, change in
      let g = Lanes.load(dy, i)
      Lanes.store((Lanes.load(h, i) * slope + g * change) * slope, h, i)
      Lanes.store(g * slope, dy, i)
    }
  }

  /// Whether f″ is other than 0 anywhere but at a kink.
  private var isCurved: Bool {
    switch self {
    case .identity, .relu: false
    case .tanh, .sigmoid, .softplus: true
    }
  }

  /// Calls `body` with f′ = φ(y) and φ′(y) of each lane, for the activations that are curved.
  @inline(__always)
  private func forEachSlope(
    _ y: UnsafePointer<Float>, in range: Range<Int>, _ body: (_ i: Int, _ slope: Lane, _ change: Lane) -> Void
  ) {
    @inline(__always)
    func each(_ φ: (_ y: Lane) -> (slope: Lane, change: Lane)) {
      for i in stride(from: range.lowerBound, to: range.upperBound, by: Lanes.width) {
        let (slope, change) = φ(Lanes.load(y, i))
        body(i, slope, change)
      }
    }
    switch self {
    case .identity, .relu: break
    case .tanh: each { (1 - $0 * $0, -2 * $0) }
    case .sigmoid: each { ($0 - $0 * $0, 1 - 2 * $0) }
    // f′ = 1 − e⁻ʸ
    case .softplus: each { (-VectorMath.expMinusOne(-$0), VectorMath.exp(-$0)) }
    }
  }
}
