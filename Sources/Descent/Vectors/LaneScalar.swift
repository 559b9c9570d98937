import CLanes

/// A scalar that θ can be made of, with the SIMD lane that update rules work on.
///
/// `Float` works on lanes of 16 and `Double` on lanes of 8: one AVX-512 register, two of AVX, four of SSE or NEON.
/// Only operations that IEEE 754 rounds exactly are used on lanes, so every width gives the same bits.
public protocol LaneScalar: BinaryFloatingPoint, SIMDScalar, Codable, Sendable, BitwiseCopyable {
  associatedtype Lane: SIMD, BitwiseCopyable, Sendable where Lane.Scalar == Self

  /// √x in each element, correctly rounded.
  static func squareRoot(_ x: Lane) -> Lane
  /// |x| in each element.
  static func magnitude(_ x: Lane) -> Lane
  /// The larger of x and y in each element; NaN where either is NaN.
  static func maximum(_ x: Lane, _ y: Lane) -> Lane
  /// The smaller of x and y in each element; NaN where either is NaN.
  static func minimum(_ x: Lane, _ y: Lane) -> Lane

  /// Name of the scalar in safetensors files: `F32`, `F64`.
  static var safetensorsName: String { get }
}

extension Float: LaneScalar {
  public typealias Lane = SIMD16<Float>
  @inlinable @inline(__always) public static func squareRoot(_ x: Lane) -> Lane { lanes_sqrt_f32(x) }
  @inlinable @inline(__always) public static func magnitude(_ x: Lane) -> Lane { lanes_abs_f32(x) }
  @inlinable @inline(__always) public static func maximum(_ x: Lane, _ y: Lane) -> Lane { lanes_max_f32(x, y) }
  @inlinable @inline(__always) public static func minimum(_ x: Lane, _ y: Lane) -> Lane { lanes_min_f32(x, y) }
  public static var safetensorsName: String { "F32" }
}

extension Double: LaneScalar {
  public typealias Lane = SIMD8<Double>
  @inlinable @inline(__always) public static func squareRoot(_ x: Lane) -> Lane { lanes_sqrt_f64(x) }
  @inlinable @inline(__always) public static func magnitude(_ x: Lane) -> Lane { lanes_abs_f64(x) }
  @inlinable @inline(__always) public static func maximum(_ x: Lane, _ y: Lane) -> Lane { lanes_max_f64(x, y) }
  @inlinable @inline(__always) public static func minimum(_ x: Lane, _ y: Lane) -> Lane { lanes_min_f64(x, y) }
  public static var safetensorsName: String { "F64" }
}

extension LaneScalar {
  /// Elements in a lane.
  @inlinable public static var laneWidth: Int { Lane.scalarCount }
}
