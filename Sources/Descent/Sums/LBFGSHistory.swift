/// The last steps s, the gradient's changes y in them, and the inverse Hessian that they imply (Nocedal 1980).
struct LBFGSHistory<Scalar: LaneScalar>: Sendable {
  struct Pair: Sendable {
    let s, y: ParameterVector<Scalar>
    /// sᵀy.
    let curvature: Double
  }

  /// The most pairs that are kept.
  let capacity: Int
  /// Oldest first.
  private(set) var pairs: [Pair] = []

  init(capacity: Int) { self.capacity = capacity }

  /// Adds a pair if sᵀy is positive beyond rounding, so that the inverse Hessian stays positive definite.
  mutating func add(s: ParameterVector<Scalar>, y: ParameterVector<Scalar>) {
    let curvature = s.dot(y)
    guard curvature > Double(Scalar.ulpOfOne) * s.norm() * y.norm(), curvature.isFinite else { return }
    if pairs.count == capacity { pairs.removeFirst() }
    pairs.append(Pair(s: s, y: y, curvature: curvature))
  }

  mutating func removeAll() { pairs.removeAll() }

  /// γ = sᵀy / yᵀy of the last pair: the inverse Hessian before the pairs is γ I. 1 without a pair.
  var scale: Double {
    guard let last = pairs.last else { return 1 }
    return last.curvature / last.y.sumOfSquares()
  }

  /// H g by the two-loop recursion (Nocedal & Wright 2006, Algorithm 7.4).
  func product(_ g: ParameterVector<Scalar>) -> ParameterVector<Scalar> {
    var q = g
    var weights: [Double] = []
    for pair in pairs.reversed() {
      let α = pair.s.dot(q) / pair.curvature
      q.add(pair.y, times: Scalar(-α))
      weights.append(α)
    }
    q.scale(by: Scalar(scale))
    for (pair, α) in zip(pairs, weights.reversed()) {
      let β = pair.y.dot(q) / pair.curvature
      q.add(pair.s, times: Scalar(α - β))
    }
    return q
  }
}
