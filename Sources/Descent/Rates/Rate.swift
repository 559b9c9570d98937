import RealModule

/// A scalar that depends on the step t = 1, 2, …: a learning rate, or a β that decays.
///
/// A pure function of t: nothing is counted up, so a run that is resumed, or that jumps to another step, uses exactly
/// the same values. It can be read (``callAsFunction(at:)``) and replaced while training.
///
/// Step 1 always uses the initial value; a schedule *over n steps* reaches its final value at step n + 1 and keeps it.
/// (torch and optax count t − 1 = 0, 1, …: their step 0 is step 1 here.) A warm-up of n steps uses the fraction t ÷ n,
/// so that its first step is not zero and step n has the full rate.
///
/// ```swift
/// var adam = Adam<Float>()
/// adam.learningRate = .warmup(500, then: .cosine(1e-3, over: 10_000))
/// ```
public indirect enum Schedule: Hashable, Sendable {
  /// The same value at every step.
  case constant(Double)
  /// α ÷ √t: the convex theory's rate (Adam, theorem 4.1).
  case inverseSquareRoot(Double)
  /// α ÷ t.
  case inverse(Double)
  /// α ÷ tˢ: Generic Adam's step sizes, and 1 − θₜ of its decay.
  case inversePower(Double, power: Double)
  /// α ÷ (1 + a (t − 1)ᵖ): with p = 1 the `lr_decay` of torch's AdaGrad.
  case inverseTime(Double, decay: Double, power: Double)
  /// α aᵗ⁻¹. With α = β₁ and a = λ it is the decaying β₁ of Adam's theorem 4.1.
  case exponential(Double, factor: Double)
  /// A decay whose half-life, log ½ ÷ log β, changes linearly over `over` steps, from the half-life of `from` to the
  /// half-life of `to`: AdEMAMix's β₃.
  case halfLife(from: Double, to: Double, over: Int)
  /// From `from` to `to` in a straight line over `over` steps.
  case linear(from: Double, to: Double, over: Int)
  /// to + (from − to) (1 − p)ᵏ, where p is the fraction of `over` steps done and k the power.
  case polynomial(from: Double, to: Double, over: Int, power: Double)
  /// to + (α − to) ½ (1 + cos π p), where p is the fraction of `over` steps done.
  case cosine(Double, to: Double, over: Int)
  /// ``cosine(_:to:over:)`` again and again; each period is `multiplier` times as long as the last
  /// (Loshchilov & Hutter, SGDR, 2017).
  case cosineRestarts(Double, to: Double, period: Int, multiplier: Int)
  /// `initial` until the first boundary; after step `after` of a piece, that piece's value.
  case piecewise(Double, [Piece])
  /// From peak ÷ `divisor` up to `peak` in the first `rising` share of `over` steps, then down to
  /// peak ÷ (divisor · finalDivisor), both as half a cosine (Smith & Topin 2018).
  case oneCycle(peak: Double, over: Int, rising: Double, divisor: Double, finalDivisor: Double)
  /// t ÷ steps of `then`'s first value for the first `steps` steps; `then`, from its own step 1, afterwards.
  case warmup(Int, then: Schedule)
  /// Each phase for its number of steps, counted from its own step 1; `last` afterwards.
  case joined([Phase], last: Schedule)
  /// `rate` at every step times `factor`.
  case scaled(Schedule, by: Double)
  /// `rate` at step t + `steps`.
  case shifted(Schedule, by: Int)
  /// 1 − `rate`: a decay that tends to 1.
  case complement(Schedule)

  /// A value that holds once more than `after` steps have been made.
  public struct Piece: Hashable, Sendable {
    /// Number of steps after which the value holds.
    public var after: Int
    /// The rate from then on.
    public var value: Double
    public init(after: Int, value: Double) {
      self.after = after
      self.value = value
    }
  }

  /// A rate that is used for a number of steps.
  public struct Phase: Hashable, Sendable {
    /// Number of steps, positive.
    public var steps: Int
    /// The rate, counted from its own step 1.
    public var rate: Schedule
    public init(steps: Int, rate: Schedule) {
      self.steps = steps
      self.rate = rate
    }
  }

  /// The value at step t = 1, 2, …
  public func callAsFunction(at t: Int) -> Double {
    switch self {
    case .constant(let α): return α
    case .inverseSquareRoot(let α): return α / Double(t).squareRoot()
    case .inverse(let α): return α / Double(t)
    case .inversePower(let α, let power): return α / Double.pow(Double(t), power)
    case .inverseTime(let α, let decay, let power): return α / (1 + decay * Double.pow(Double(t - 1), power))
    case .exponential(let α, let factor): return α * Double.pow(factor, Double(t - 1))
    case .halfLife(let from, let to, let over):
      let p = fraction(t, over)
      return p >= 1 ? to : p <= 0 ? from : Double.exp(logDecay(from, to, p))
    case .linear(let from, let to, let over): return from + (to - from) * fraction(t, over)
    case .polynomial(let from, let to, let over, let power):
      return to + (from - to) * Double.pow(1 - fraction(t, over), power)
    case .cosine(let α, let to, let over): return interpolate(from: α, to: to, fraction(t, over))
    case .cosineRestarts(let α, let to, let period, let multiplier):
      var length = max(1, period)
      var done = t - 1
      if multiplier <= 1 { done %= length }
      while done >= length {
        done -= length
        let (longer, overflow) = length.multipliedReportingOverflow(by: multiplier)
        length = overflow ? .max : longer
      }
      return interpolate(from: α, to: to, Double(done) / Double(length))
    case .piecewise(let initial, let pieces): return pieces.last { t > $0.after }?.value ?? initial
    case .oneCycle(let peak, let over, let rising, let divisor, let finalDivisor):
      let start = peak / divisor
      let p = fraction(t, over)
      return p < rising
        ? interpolate(from: start, to: peak, p / rising)
        : interpolate(from: peak, to: start / finalDivisor, rising < 1 ? (p - rising) / (1 - rising) : 1)
    case .warmup(let steps, let then):
      return t <= steps ? then(at: 1) * (Double(t) / Double(steps)) : then(at: t - steps)
    case .joined(let phases, let last):
      let (rate, t) = Self.phase(at: t, of: phases, then: last)
      return rate(at: t)
    case .scaled(let rate, let factor): return factor * rate(at: t)
    case .shifted(let rate, let steps):
      let (later, overflow) = t.addingReportingOverflow(steps)
      return rate(at: overflow ? .max : later)
    case .complement(let rate): return 1 - rate(at: t)
    }
  }

  /// 1 less the value at step t: the weight of the newest term of an average that decays by this rate. It is exact to
  /// the last place even for decays near 1, for which 1 − value would keep few of the weight's digits.
  public func oneMinus(at t: Int) -> Double {
    switch self {
    case .complement(let rate): return rate(at: t)
    case .warmup(let steps, let then) where t > steps: return then.oneMinus(at: t - steps)
    case .shifted(let rate, let steps) where steps >= 0 && t <= .max - steps: return rate.oneMinus(at: t + steps)
    case .joined(let phases, let last):
      let (rate, t) = Self.phase(at: t, of: phases, then: last)
      return rate.oneMinus(at: t)
    case .halfLife(let from, let to, let over):
      let p = fraction(t, over)
      return p >= 1 ? 1 - to : p <= 0 ? 1 - from : -Double.expMinusOne(logDecay(from, to, p))
    default: return 1 - self(at: t)
    }
  }

  /// The rate that holds at step t, and the number of that step within its phase.
  private static func phase(at t: Int, of phases: [Phase], then last: Schedule) -> (Schedule, Int) {
    var t = t
    for phase in phases {
      if t <= phase.steps { return (phase.rate, t) }
      t -= phase.steps
    }
    return (last, t)
  }

  /// log β of the decay whose half-life lies at the share p between those of `from` and `to`: 1 ÷ log β changes
  /// linearly.
  private func logDecay(_ from: Double, _ to: Double, _ p: Double) -> Double {
    1 / ((1 - p) / Double.log(from) + p / Double.log(to))
  }

  /// The share of `steps` steps made before step t, at most 1.
  private func fraction(_ t: Int, _ steps: Int) -> Double { steps > 0 ? min(1, Double(t - 1) / Double(steps)) : 1 }

  /// Half a cosine from `from` at p = 0 to `to` at p = 1.
  private func interpolate(from: Double, to: Double, _ p: Double) -> Double {
    p >= 1 ? to : to + (from - to) * 0.5 * (1 + Double.cos(.pi * p))
  }
}

extension Schedule {
  /// From α to zero over `over` steps, half a cosine.
  public static func cosine(_ α: Double, over: Int) -> Schedule { .cosine(α, to: 0, over: over) }
  /// Half cosines from α to zero, each of `period` steps.
  public static func cosineRestarts(_ α: Double, period: Int) -> Schedule {
    .cosineRestarts(α, to: 0, period: period, multiplier: 1)
  }
  /// A single cycle with the shares of torch and optax: 30 % rising, from peak ÷ 25 to peak ÷ 250,000.
  public static func oneCycle(_ peak: Double, over: Int) -> Schedule {
    .oneCycle(peak: peak, over: over, rising: 0.3, divisor: 25, finalDivisor: 1e4)
  }
}

extension Schedule: ExpressibleByFloatLiteral, ExpressibleByIntegerLiteral {
  public init(floatLiteral value: Double) { self = .constant(value) }
  public init(integerLiteral value: Int) { self = .constant(Double(value)) }
}
