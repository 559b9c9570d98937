import CLanes

// The requirements of `LaneScalar` that take more than one IEEE operation. They use such operations alone, so they too
// have the same bits on every machine; Swift's own functions call libm.

extension Float {
  @inlinable @inline(__always)
  public static func exponential(_ x: Lane) -> Lane {
    var (x, y) = (x, Lane.zero)
    lanes_exp_f32(&x, &y)
    return y
  }

  @inlinable @inline(__always)
  public static func logarithm(_ x: Lane) -> Lane {
    var (x, y) = (x, Lane.zero)
    lanes_log_f32(&x, &y)
    return y
  }

  @inlinable @inline(__always)
  public static func cubeRoot(_ x: Lane) -> Lane {
    var (x, y) = (x, Lane.zero)
    lanes_cbrt_f32(&x, &y)
    return y
  }

  @inlinable @inline(__always)
  public static func sigmoid(_ x: Lane) -> Lane {
    var (x, y) = (x, Lane.zero)
    lanes_sigmoid_f32(&x, &y)
    return y
  }

  @inlinable @inline(__always)
  public static func power(_ x: Lane, _ p: Double) -> Lane {
    var (x, y) = (x, Lane.zero)
    lanes_pow_f32(&x, p, &y)
    return y
  }
}

extension Double {
  @inlinable @inline(__always)
  public static func exponential(_ x: Lane) -> Lane {
    var (x, y) = (x, Lane.zero)
    lanes_exp_f64(&x, &y)
    return y
  }

  @inlinable @inline(__always)
  public static func logarithm(_ x: Lane) -> Lane {
    var (x, y) = (x, Lane.zero)
    lanes_log_f64(&x, &y)
    return y
  }

  @inlinable @inline(__always)
  public static func cubeRoot(_ x: Lane) -> Lane {
    var (x, y) = (x, Lane.zero)
    lanes_cbrt_f64(&x, &y)
    return y
  }

  @inlinable @inline(__always)
  public static func sigmoid(_ x: Lane) -> Lane {
    var (x, y) = (x, Lane.zero)
    lanes_sigmoid_f64(&x, &y)
    return y
  }

  @inlinable @inline(__always)
  public static func power(_ x: Lane, _ p: Double) -> Lane {
    var (x, y) = (x, Lane.zero)
    lanes_pow_f64(&x, p, &y)
    return y
  }
}
