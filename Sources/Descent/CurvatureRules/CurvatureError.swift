/// Why a method that uses curvature makes no step. Nothing is then changed.
public enum CurvatureError: Error, Hashable, CustomStringConvertible {
  /// The method forms a matrix of all parameters, and there are too many.
  case tooManyParameters(method: String, count: Int, limit: Int)
  /// A gradient, or a product with the curvature, is not finite.
  case notFinite(method: String)
  /// The method compares values, and the objective does not know its own.
  case unknownValue(method: String)
  /// Moments of neighboring layers are wanted, and a layer, counted from 1, is used at several places of an example.
  case usedAtManyPlaces(layer: Int, count: Int)

  public var description: String {
    switch self {
    case .tooManyParameters(let method, let count, let limit):
      "\(method) solves with a matrix of all parameters: \(count) are more than its limit, \(limit); choose hessianfree, "
        + "trustregion or scrn, which need products alone"
    case .notFinite(let method):
      "\(method): the objective's value, its gradient or a product with its curvature is infinite or not a number: start "
        + "elsewhere, or check the objective's derivatives"
    case .usedAtManyPlaces(let layer, let count):
      "structure=tridiagonal needs dense layers alone: layer \(layer) is used at \(count) places of each example, as "
        + "convolutions are; choose structure=diagonal"
    case .unknownValue(let method):
      "\(method) compares the objective's values, and the objective does not know its value: choose another method"
    }
  }
}

extension ObjectiveRule {
  /// Refuses a gradient, or a product, that is not finite.
  static func checkFinite(_ vector: ParameterVector<Scalar>) throws(CurvatureError) {
    guard vector.norm().isFinite else { throw .notFinite(method: name) }
  }

  /// Refuses a value that is not known, or infinite.
  @usableFromInline
  static func checkValue(_ value: Double) throws(CurvatureError) {
    if value.isNaN { throw .unknownValue(method: name) }
    if value.isInfinite { throw .notFinite(method: name) }
  }
}

extension ParameterVector where Scalar: LaneScalar {
  /// self ← self + scale · x, at most the largest number.
  mutating func addFinite(_ x: ParameterVector, times scale: Double) {
    add(x, times: Scalar.finite(scale))
    limit()
  }

  /// The nearest finite numbers.
  mutating func limit() {
    guard !sumOfSquares().isFinite else { return }
    let count = laneCount
    withUnsafeMutableLanes { x in for i in 0..<count { x[i] = x[i].finite } }
  }
}
