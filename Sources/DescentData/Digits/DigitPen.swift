import Descent

/// Writes one digit after the other into images of 28×28 bytes, white on black.
///
/// Only + − × ÷ and √ are used, in Float, so an image is the same on every platform.
struct DigitPen {
  static let side = 28

  /// How unsteady the hand is; lengths in the units of a glyph unless said otherwise.
  private enum Hand {
    static let jitter: Float = 0.035
    static let bend: Float = 0.22
    static let slant: Float = 0.22
    static let turn: Float = 0.14
    static let height: (Float, Float) = (15, 21.5)  // pixels
    static let aspect: (Float, Float) = (0.68, 1.12)
    static let shift: Float = 2.2  // pixels
    static let radius: (Float, Float) = (0.65, 1.75)  // pixels
    static let noise: (Float, Float) = (0, 0.14)
    static let strayStroke: Float = 0.3
    static let gap: Float = 0.25
  }

  private var stream = RandomStream(seed: 0, name: "")
  private var uniforms = [Float](repeating: 0, count: 128)
  private var used = 0
  private var canvas = [Float](repeating: 0, count: side * side)
  private var scratch = [Float](repeating: 0, count: side * side)
  private var path: [SIMD2<Float>] = []

  /// Draws the example that `stream` determines into `image`, and gives its digit.
  mutating func draw(_ stream: RandomStream, into image: UnsafeMutableBufferPointer<UInt8>) -> Int {
    self.stream = stream
    used = uniforms.count
    for i in canvas.indices { canvas[i] = 0 }

    let digit = index(below: 10)
    let styles = Glyph.byDigit[digit]
    let glyph = styles[index(below: styles.count)]
    let placement = makePlacement()
    let radius = between(Hand.radius)
    let ink = between((0.75, 1))
    for stroke in glyph.strokes {
      write(stroke, placement: placement, radius: radius * between((0.9, 1.1)), ink: ink)
    }
    if uniform() < Hand.gap { erase() }
    if uniform() < Hand.strayStroke { writeStray(radius: radius, ink: ink) }
    blur(weight: between((0, 0.16)))
    let noise = between(Hand.noise)
    var words = self.stream
    words.fillUniform(of: &scratch)
    for i in canvas.indices {
      // The difference between a pixel's noise and its neighbour's has a triangular distribution.
      let grain = scratch[i] - scratch[i == 0 ? canvas.count - 1 : i - 1]
      image[i] = UInt8(min(max(canvas[i] + noise * grain, 0), 1) * 255 + 0.5)
    }
    return digit
  }

  // MARK: Shape

  /// From the units of a glyph to pixels: a bend (quadratic), then slant, turn, stretch and shift (affine).
  private struct Placement {
    var bend: (SIMD2<Float>, SIMD2<Float>, SIMD2<Float>)
    var columns: (SIMD2<Float>, SIMD2<Float>)
    var origin: SIMD2<Float>

    func callAsFunction(_ p: SIMD2<Float>) -> SIMD2<Float> {
      let q = p + bend.0 * (p.x * p.x) + bend.1 * (p.x * p.y) + bend.2 * (p.y * p.y)
      return origin + columns.0 * q.x + columns.1 * q.y
    }
  }

  private mutating func makePlacement() -> Placement {
    let height = between(Hand.height)
    let width = height * between(Hand.aspect)
    let slant = Hand.slant * bell()
    // Rotation by the angle 2 atan(t), without trigonometry.
    let t = Hand.turn * 0.5 * bell()
    let cosine = (1 - t * t) / (1 + t * t)
    let sine = 2 * t / (1 + t * t)
    func turned(_ v: SIMD2<Float>) -> SIMD2<Float> { SIMD2(cosine * v.x - sine * v.y, sine * v.x + cosine * v.y) }
    let bend = (pair() * Hand.bend, pair() * Hand.bend, pair() * Hand.bend)
    let middle = Float(Self.side - 1) / 2
    return Placement(
      bend: bend, columns: (turned(SIMD2(width, 0)), turned(SIMD2(-slant * height, height))),
      origin: SIMD2(repeating: middle) + pair() * Hand.shift)
  }

  private mutating func write(_ stroke: [Glyph.Point], placement: Placement, radius: Float, ink: Float) {
    var points = stroke
    for i in points.indices {
      points[i].position = placement(points[i].position + SIMD2(bell(), bell()) * Hand.jitter)
    }
    trace(points)
    // The pen is pressed harder towards one of the ends.
    let press = between((-0.3, 0.3))
    let step = 2 / Float(max(path.count - 1, 1))
    for i in 1..<path.count {
      canvas.draw(
        from: path[i - 1], to: path[i], side: Self.side, radius: radius * (1 + press * (Float(i) * step - 1)), ink: ink)
    }
  }

  /// Flattens the Catmull–Rom spline through `points` into `path`; at a corner the pen stops, so it turns sharply.
  private mutating func trace(_ points: [Glyph.Point]) {
    let steps = 6
    func tangent(_ i: Int) -> SIMD2<Float> {
      if points[i].isCorner { return .zero }
      return (points[min(i + 1, points.count - 1)].position - points[max(i - 1, 0)].position) * 0.5
    }
    path.removeAll(keepingCapacity: true)
    path.append(points[0].position)
    for i in 1..<points.count {
      let (p, q) = (points[i - 1].position, points[i].position)
      let (u, v) = (tangent(i - 1), tangent(i))
      for k in 1...steps {
        let t = Float(k) / Float(steps)
        let s = 1 - t
        path.append(
          p * (s * s * (1 + 2 * t)) + u * (s * s * t) - v * (s * t * t) + q * (t * t * (1 + 2 * s)))
      }
    }
  }

  // MARK: Ink

  /// Rubs out a small spot.
  private mutating func erase() {
    let center = SIMD2(repeating: Float(Self.side) / 2) + pair() * 7
    let radius = between((1, 2))
    for y in 0..<Self.side {
      for x in 0..<Self.side {
        let away = SIMD2(Float(x), Float(y)) - center
        let kept = min(max((away * away).sum().squareRoot() - radius + 0.5, 0), 1)
        canvas[y * Self.side + x] *= 0.25 + 0.75 * kept
      }
    }
  }

  /// A short stray line.
  private mutating func writeStray(radius: Float, ink: Float) {
    let a = SIMD2(repeating: Float(Self.side) / 2) + pair() * 13
    let b = a + pair() * 4
    canvas.draw(from: a, to: b, side: Self.side, radius: radius * 0.7, ink: ink * between((0.4, 1)))
  }

  /// Convolves rows and columns with (w, 1 − 2w, w).
  private mutating func blur(weight w: Float) {
    let side = Self.side
    for y in 0..<side {
      for x in 0..<side {
        let i = y * side + x
        let neighbours = (x > 0 ? canvas[i - 1] : 0) + (x < side - 1 ? canvas[i + 1] : 0)
        scratch[i] = canvas[i] * (1 - 2 * w) + neighbours * w
      }
    }
    for y in 0..<side {
      for x in 0..<side {
        let i = y * side + x
        let neighbours = (y > 0 ? scratch[i - side] : 0) + (y < side - 1 ? scratch[i + side] : 0)
        canvas[i] = scratch[i] * (1 - 2 * w) + neighbours * w
      }
    }
  }

  // MARK: Chance

  private mutating func uniform() -> Float {
    if used == uniforms.count {
      stream.fillUniform(of: &uniforms)
      used = 0
    }
    defer { used += 1 }
    return uniforms[used]
  }

  private mutating func between(_ bounds: (Float, Float)) -> Float {
    bounds.0 + (bounds.1 - bounds.0) * uniform()
  }

  private mutating func index(below bound: Int) -> Int { min(Int(uniform() * Float(bound)), bound - 1) }

  /// A number of mean 0 and variance 1 within ±3: near to normal.
  private mutating func bell() -> Float { 2 * (uniform() + uniform() + uniform()) - 3 }

  /// A point of the square from −1 to 1.
  private mutating func pair() -> SIMD2<Float> { SIMD2(2 * uniform() - 1, 2 * uniform() - 1) }
}

extension RandomStream {
  fileprivate mutating func fillUniform(of array: inout [Float]) {
    array.withUnsafeMutableBufferPointer { fillUniform($0) }
  }
}
