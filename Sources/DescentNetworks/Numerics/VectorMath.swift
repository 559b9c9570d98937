import Descent

/// Elementary functions on lanes, to about one unit in the last place.
///
/// They use only + − × ÷ and integer operations, so they give the same bits on every processor. They also vectorise;
/// calls of the C library do not.
enum VectorMath {
  /// eˣ − 1 = scale·p + (scale − 1), with scale a power of two and |p| < 0.42; valid for x in [−87, 88].
  @inline(__always)
  private static func reducedExponential(_ x: Lane) -> (p: Lane, scale: Lane) {
    // Adding 1.5·2²³ rounds x/ln 2 to the integer n and leaves n in the sum's low bits.
    let magic: Float = 12_582_912
    let shifted = x * 1.442_695_04 + magic
    let n = shifted - magic
    let scale = Lane(bits: (shifted.bits &+ 127) &<< 23)
    // ln 2 is split into two parts, so that n times the first is exact.
    let r = (x - n * 0.693_359_375) - n * -2.121_944_4e-4
    // The Taylor–minimax polynomial of (eʳ − 1 − r)/r² on |r| ≤ ln(2)/2 from Cephes' expf (Moshier).
    var p = r * 1.987_569_15e-4 + 1.398_199_95e-3
    p = p * r + 8.333_451_9e-3
    p = p * r + 4.166_579_6e-2
    p = p * r + 1.666_666_55e-1
    p = p * r + 5.000_000_1e-1
    return (p * r * r + r, scale)
  }

  /// eˣ; x is clamped to [−87, 88], since eˣ is no normal number of single precision outside. NaN stays NaN.
  @inline(__always)
  static func exp(_ x: Lane) -> Lane {
    let (p, scale) = reducedExponential(clamped(x))
    return scale * p + scale
  }

  /// eˣ − 1 without cancellation for small x.
  @inline(__always)
  static func expMinusOne(_ x: Lane) -> Lane {
    let (p, scale) = reducedExponential(clamped(x))
    return scale * p + (scale - 1)
  }

  /// ln(1 + x) for x in [0, 1].
  @inline(__always)
  static func logOnePlus(_ x: Lane) -> Lane {
    // Cephes' logf polynomial holds in [√½ − 1, √2 − 1]; above that, ln(1 + x) = ln 2 + ln(1 + (x − 1)/2).
    let excess = x - 0.414_213_56
    let z = Float.select((x - 1) * 0.5, x, wherePositive: excess)
    let z2 = z * z
    var p = z * 7.037_683_6e-2 - 1.151_461_03e-1
    p = p * z + 1.167_699_87e-1
    p = p * z - 1.242_014_08e-1
    p = p * z + 1.424_932_28e-1
    p = p * z - 1.666_805_77e-1
    p = p * z + 2.000_071_48e-1
    p = p * z - 2.499_999_4e-1
    p = p * z + 3.333_333_1e-1
    let small = (p * z * z2 - 0.5 * z2) + z
    return small + Float.select(Lane(repeating: 0.693_147_18), .zero, wherePositive: excess)
  }

  /// 1/(1 + e⁻ˣ).
  @inline(__always)
  static func sigmoid(_ x: Lane) -> Lane { 1 / (1 + exp(-x)) }

  /// 1/(1 + e⁻ˣ) and ln(1 + eˣ), by one exponential.
  @inline(__always)
  static func sigmoidAndSoftplus(_ x: Lane) -> (sigmoid: Lane, softplus: Lane) {
    let e = exp(-Float.magnitude(x))
    return (Float.select(Lane(repeating: 1), e, wherePositive: x) / (1 + e), Float.maximum(x, .zero) + logOnePlus(e))
  }

  /// tanh x = (e²ˣ − 1)/(e²ˣ + 1).
  @inline(__always)
  static func tanh(_ x: Lane) -> Lane {
    let e = expMinusOne(2 * Float.minimum(Float.maximum(x, Lane(repeating: -10)), Lane(repeating: 10)))
    return e / (e + 2)
  }

  /// ln(1 + eˣ) = max(x, 0) + ln(1 + e^−|x|).
  @inline(__always)
  static func softplus(_ x: Lane) -> Lane {
    Float.maximum(x, .zero) + logOnePlus(exp(-Float.magnitude(x)))
  }

  @inline(__always)
  private static func clamped(_ x: Lane) -> Lane {
    Float.minimum(Float.maximum(x, Lane(repeating: -87)), Lane(repeating: 88))
  }
}

extension SIMD16<Float> {
  @inline(__always) var bits: SIMD16<UInt32> { unsafeBitCast(self, to: SIMD16<UInt32>.self) }
  @inline(__always) init(bits: SIMD16<UInt32>) { self = unsafeBitCast(bits, to: Self.self) }
}
