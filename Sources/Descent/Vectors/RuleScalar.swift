/// The arithmetic that update rules use: a scalar for the coefficients of a step, and a lane of them for θ, the gradient
/// and the state.
///
/// `Float` and `Double` compute with lanes of 16 and 8 numbers (``LaneScalar``); ``Traced`` writes down what is computed.
/// A rule that is generic over its scalar, `struct Momentum<Scalar: RuleScalar>: ElementRule`, can be stepped and read.
public protocol RuleScalar: BinaryFloatingPoint, SIMDScalar, Codable, Sendable, BitwiseCopyable {
  associatedtype Lane: SIMD, BitwiseCopyable, Sendable where Lane.Scalar == Self

  /// √x in each element, correctly rounded.
  static func squareRoot(_ x: Lane) -> Lane
  /// |x| in each element.
  static func magnitude(_ x: Lane) -> Lane
  /// The larger of x and y in each element; NaN where either is NaN.
  static func maximum(_ x: Lane, _ y: Lane) -> Lane
  /// The smaller of x and y in each element; NaN where either is NaN.
  static func minimum(_ x: Lane, _ y: Lane) -> Lane
  /// x in each element, or `bound` where x is larger; NaN stays NaN.
  static func atMost(_ x: Lane, _ bound: Self) -> Lane
  /// x in each element, or `bound` where x is smaller; NaN stays NaN.
  static func atLeast(_ x: Lane, _ bound: Self) -> Lane

  /// −1, 0 or 1 in each element; NaN where x is not finite.
  static func sign(_ x: Lane) -> Lane
  /// x in each element where z > 0, y elsewhere.
  static func select(_ x: Lane, _ y: Lane, wherePositive z: Lane) -> Lane

  /// x ÷ y in each element; 0 where y is 0.
  static func quotientOrZero(_ x: Lane, _ y: Lane) -> Lane

  /// eˣ in each element, within 0.51 units in the last place for `Float` and 0.75 for `Double`.
  static func exponential(_ x: Lane) -> Lane
  /// log x in each element, within 0.51 units in the last place for `Float` and 0.9 for `Double`; −∞ at 0, NaN below.
  static func logarithm(_ x: Lane) -> Lane
  /// xᵖ in each element for x ≥ 0, within 0.51 units in the last place for `Float` and 0.8 for `Double` if |p| ≤ 4; NaN
  /// where x is negative.
  ///
  /// For p = ½ and its halves, square roots are faster and more exact.
  static func power(_ x: Lane, _ p: Double) -> Lane
  /// ∛x in each element, within 0.51 units in the last place.
  static func cubeRoot(_ x: Lane) -> Lane
  /// 1 ÷ (1 + e⁻ˣ) in each element, within 0.51 units in the last place for `Float` and 2.5 for `Double`.
  static func sigmoid(_ x: Lane) -> Lane
}

extension RuleScalar {
  /// Elements in a lane.
  @inlinable public static var laneWidth: Int { Lane.scalarCount }

  /// The nearest number that is finite; NaN stays NaN. A factor that scales up a small number must not be infinite.
  @inlinable
  public static func finite(_ x: Double) -> Self {
    let limit = Double(Self.greatestFiniteMagnitude)
    return Self(x > limit ? limit : x < -limit ? -limit : x)
  }
}
