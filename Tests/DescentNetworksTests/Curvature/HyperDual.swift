import RealModule

/// f + a ε₁ + b ε₂ + ab ε₁ε₂ with ε₁² = ε₂² = 0: arithmetic that carries two first derivatives and the second one.
/// Fike and Alonso, "The development of hyper-dual numbers for exact second-derivative calculations" (2011).
struct HyperDual {
  var f: Double
  var a = 0.0, b = 0.0, ab = 0.0

  static func + (x: Self, y: Self) -> Self { Self(f: x.f + y.f, a: x.a + y.a, b: x.b + y.b, ab: x.ab + y.ab) }
  static func - (x: Self, y: Self) -> Self { Self(f: x.f - y.f, a: x.a - y.a, b: x.b - y.b, ab: x.ab - y.ab) }
  static func * (x: Self, y: Self) -> Self {
    Self(
      f: x.f * y.f, a: x.f * y.a + x.a * y.f, b: x.f * y.b + x.b * y.f,
      ab: x.f * y.ab + x.a * y.b + x.b * y.a + x.ab * y.f)
  }
  static func * (c: Double, x: Self) -> Self { Self(f: c * x.f, a: c * x.a, b: c * x.b, ab: c * x.ab) }
  static func += (x: inout Self, y: Self) { x = x + y }

  /// φ(self) with φ's value and first two derivatives.
  func mapped(_ φ: (value: Double, first: Double, second: Double)) -> Self {
    Self(f: φ.value, a: φ.first * a, b: φ.first * b, ab: φ.first * ab + φ.second * a * b)
  }

  static func exp(_ x: Self) -> Self {
    let e = Double.exp(x.f)
    return x.mapped((e, e, e))
  }

  static func log(_ x: Self) -> Self { x.mapped((Double.log(x.f), 1 / x.f, -1 / (x.f * x.f))) }
}
