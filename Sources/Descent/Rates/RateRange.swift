extension Schedule {
  /// The schedule's full value, its peak: at every step the schedule gives a share of it.
  ///
  /// It is the largest value that the schedule takes or tends to: α of a decay such as `inverse(α)`, whether or not it
  /// is shifted; the target of a warm-up; the larger end of a straight line or a cosine; the largest piece or phase.
  /// If values are negative, it is the value of largest magnitude.
  public var base: Double {
    let range = range
    return range.upperBound >= -range.lowerBound ? range.upperBound : range.lowerBound
  }

  /// The values the rate lies between at all steps t ≥ 1.
  public var range: ClosedRange<Double> {
    // NaN cannot be ordered: its range is all numbers.
    func between(_ a: Double, _ b: Double) -> ClosedRange<Double> {
      a <= b ? a...b : b <= a ? b...a : -Double.infinity...Double.infinity
    }
    func joined(_ a: ClosedRange<Double>, _ b: ClosedRange<Double>) -> ClosedRange<Double> {
      min(a.lowerBound, b.lowerBound)...max(a.upperBound, b.upperBound)
    }
    switch self {
    case .constant(let α): return between(α, α)
    case .inverseSquareRoot(let α), .inverse(let α): return between(0, α)
    case .inversePower(let α, let power): return between(power == 0 ? α : 0, α)
    case .inverseTime(let α, let decay, _): return between(decay == 0 ? α : 0, α)
    case .exponential(let α, let factor):
      return factor <= 1 ? between(factor == 1 ? α : 0, α) : between(α, α * .infinity)
    case .linear(let from, let to, _), .polynomial(let from, let to, _, _), .halfLife(let from, let to, _):
      return between(from, to)
    case .cosine(let α, let to, _), .cosineRestarts(let α, let to, _, _): return between(α, to)
    case .piecewise(let initial, let pieces):
      return pieces.reduce(between(initial, initial)) { joined($0, between($1.value, $1.value)) }
    case .oneCycle(let peak, _, _, let divisor, let finalDivisor):
      return joined(between(peak / divisor, peak), between(peak / divisor / finalDivisor, peak))
    case .warmup(let steps, let then):
      let first = then(at: 1)
      return joined(between(first / Double(steps), first), then.range)
    case .joined(let phases, let last): return phases.reduce(last.range) { joined($0, $1.rate.range) }
    case .scaled(let rate, let factor):
      let range = rate.range
      return between(range.lowerBound * factor, range.upperBound * factor)
    case .shifted(let rate, _): return rate.range
    case .complement(let rate):
      let range = rate.range
      return between(1 - range.upperBound, 1 - range.lowerBound)
    }
  }

  /// In words, why the rate is meaningless: lengths that are not positive, values that are not numbers; nil if it is
  /// not.
  var problem: String? {
    func positive(_ steps: Int) -> String? { steps > 0 ? nil : "a schedule needs a positive number of steps" }
    switch self {
    case .constant, .inverseSquareRoot, .inverse: break
    case .inverseTime(_, let decay, let power):
      if !(decay >= 0 && power > 0) { return "decay must not be negative and power must be positive" }
    case .inversePower(_, let power): if !(power >= 0) { return "power must not be negative" }
    case .halfLife(let from, let to, let over):
      if !(0 < from && from < 1 && 0 < to && to < 1) { return "a decay with a half-life lies in (0, 1)" }
      if let problem = positive(over) { return problem }
    case .exponential(_, let factor): if !(factor > 0) { return "factor must be positive" }
    case .linear(_, _, let over), .cosine(_, _, let over): if let problem = positive(over) { return problem }
    case .polynomial(_, _, let over, let power):
      if !(power > 0) { return "power must be positive" }
      if let problem = positive(over) { return problem }
    case .cosineRestarts(_, _, let period, let multiplier):
      if multiplier < 1 { return "multiplier must be at least 1" }
      if let problem = positive(period) { return problem }
    case .piecewise(_, let pieces):
      if zip(pieces, pieces.dropFirst()).contains(where: { $0.after >= $1.after }) {
        return "the pieces' steps must rise"
      }
    case .oneCycle(_, let over, let rising, let divisor, let finalDivisor):
      if !(0...1 ~= rising) { return "rising must lie in [0, 1]" }
      if !(divisor > 0 && finalDivisor > 0) { return "the divisors must be positive" }
      if let problem = positive(over) { return problem }
    case .warmup(let steps, let then): if let problem = positive(steps) ?? then.problem { return problem }
    case .joined(let phases, let last):
      for phase in phases { if let problem = positive(phase.steps) ?? phase.rate.problem { return problem } }
      if let problem = last.problem { return problem }
    case .scaled(let rate, _), .complement(let rate): if let problem = rate.problem { return problem }
    case .shifted(let rate, let steps):
      if steps < 0 { return "a rate can only be shifted forwards" }
      if let problem = rate.problem { return problem }
    }
    let range = range
    return range.lowerBound.isFinite && range.upperBound.isFinite ? nil : "its values must be finite"
  }
}
