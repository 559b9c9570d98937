// Square images of ink between 0 and 1. Only + − × ÷ and √ are used, in Float, so an image is the same on every platform.
extension [Float] {
  /// Raises the pixels near the segment to the ink that covers them.
  mutating func draw(
    from a: SIMD2<Float>, to b: SIMD2<Float>, side: Int, radius: Float, ink: Float
  ) {
    let reach = radius + 1
    guard let columns = Self.pixels(Swift.min(a.x, b.x) - reach, Swift.max(a.x, b.x) + reach, side: side),
      let rows = Self.pixels(Swift.min(a.y, b.y) - reach, Swift.max(a.y, b.y) + reach, side: side)
    else { return }
    let direction = b - a
    let lengthSquared = Swift.max((direction * direction).sum(), 1e-12)
    for y in rows {
      for x in columns {
        let p = SIMD2(Float(x), Float(y)) - a
        let t = Swift.min(Swift.max((p * direction).sum() / lengthSquared, 0), 1)
        let away = p - direction * t
        let distance = (away * away).sum().squareRoot()
        let value = ink * Swift.min(Swift.max(radius + 0.5 - distance, 0), 1)
        let i = y * side + x
        self[i] = Swift.max(self[i], value)
      }
    }
  }

  /// The pixels between two coordinates, if any are inside the image.
  private static func pixels(_ low: Float, _ high: Float, side: Int) -> ClosedRange<Int>? {
    let first = Int(Swift.max(low.rounded(.up), 0))
    let last = Int(Swift.min(high.rounded(.down), Float(side - 1)))
    return first <= last ? first...last : nil
  }
}
