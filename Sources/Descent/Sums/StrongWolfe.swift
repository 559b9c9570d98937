/// A line search for the strong Wolfe conditions (Nocedal & Wright 2006, Algorithms 3.5 and 3.6).
///
///     φ(α) ≤ φ(0) + c₁ α φ'(0)
///     |φ'(α)| ≤ c₂ |φ'(0)|
///
/// The step is lengthened until an interval holds a step that meets both. Then the interval is narrowed: by the
/// minimizer of the cubic through its ends' values and slopes, or by halving if that does not narrow it enough. Near
/// the minimizer of f, the values differ by rounding alone. So values within `rounding` of each other, relatively,
/// count as equal, and the slopes decide.
struct StrongWolfe {
  /// c₁ in (0, 1), below c₂.
  var sufficientDecrease: Double
  /// c₂ in (c₁, 1).
  var curvature: Double
  /// The most evaluations of φ.
  var mostEvaluations: Int
  /// The relative error that values may have.
  var rounding: Double

  /// A step α, with φ(α) and φ'(α).
  struct Point: Hashable {
    var α, value, slope: Double
  }

  /// A step that meets both conditions. If none is found: the one with the lowest value below φ(0), or nil if none is
  /// below.
  ///
  /// - Parameters:
  ///   - value: φ(0).
  ///   - slope: φ'(0) < 0.
  ///   - first: The first α that is tried.
  ///   - φ: The value and slope at α, which may be infinite or not numbers.
  func search(
    value: Double, slope: Double, first: Double, _ φ: (Double) throws -> (value: Double, slope: Double)
  ) rethrows -> (point: Point, isWolfe: Bool)? {
    let zero = Point(α: 0, value: value, slope: slope)
    var best: Point?
    var evaluations = 0

    func evaluate(_ α: Double) throws -> Point {
      evaluations += 1
      let (value, slope) = try φ(α)
      let point = Point(α: α, value: value, slope: slope)
      if value.isFinite, slope.isFinite, value < best?.value ?? zero.value { best = point }
      return point
    }
    func decreases(_ p: Point) -> Bool {
      p.value <= zero.value + sufficientDecrease * p.α * slope + rounding * zero.value.magnitude && p.slope.isFinite
    }
    func isAbove(_ p: Point, _ q: Point) -> Bool { p.value > q.value + rounding * q.value.magnitude }
    func isFlat(_ p: Point) -> Bool { p.slope.magnitude <= -curvature * slope }

    // Lengthen until a step between `low` and `high` meets both conditions.
    var low = zero
    var high: Point
    var α = first
    while true {
      guard evaluations < mostEvaluations else { return best.map { ($0, false) } }
      let point = try evaluate(α)
      if !decreases(point) || (low.α > 0 && isAbove(point, low)) {
        high = point
        break
      }
      if isFlat(point) { return (point, true) }
      if point.slope >= 0 {
        (low, high) = (point, low)
        break
      }
      let gain = point.α - low.α
      let next = cubicMinimizer(low, point) ?? .infinity
      low = point
      α = min(max(next, point.α + 0.1 * gain), point.α + 9 * gain)
    }

    // Narrow: `low` always decreases enough, and its slope points to `high`.
    var width = (high.α - low.α).magnitude
    var isHalving = false
    while evaluations < mostEvaluations {
      let gap = high.α - low.α
      var α = low.α + 0.5 * gap
      if !isHalving, high.value.isFinite, let minimizer = cubicMinimizer(low, high) {
        α = min(max(minimizer, min(low.α, high.α) + 0.01 * gap.magnitude), max(low.α, high.α) - 0.01 * gap.magnitude)
      } else if !high.value.isFinite {
        α = low.α + 0.1 * gap
      }
      if α == low.α || α == high.α { break }
      let point = try evaluate(α)
      if !decreases(point) || isAbove(point, low) {
        high = point
      } else {
        if isFlat(point) { return (point, true) }
        if point.slope * gap >= 0 { high = low }
        low = point
      }
      let narrowed = (high.α - low.α).magnitude
      isHalving = narrowed > 0.66 * width
      width = narrowed
    }
    return best.map { ($0, false) }
  }

  /// The minimizer of the cubic with the values and slopes of `a` and `b`, if it has one.
  private func cubicMinimizer(_ a: Point, _ b: Point) -> Double? {
    let gap = b.α - a.α
    let d1 = a.slope + b.slope - 3 * (a.value - b.value) / (a.α - b.α)
    let square = d1 * d1 - a.slope * b.slope
    guard square >= 0 else { return nil }
    let d2 = gap < 0 ? -square.squareRoot() : square.squareRoot()
    let α = b.α - gap * ((b.slope + d2 - d1) / (b.slope - a.slope + 2 * d2))
    return α.isFinite ? α : nil
  }
}
