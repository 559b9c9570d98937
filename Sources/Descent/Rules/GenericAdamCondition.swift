import RealModule

extension GenericAdam {
  /// Whether the sequences meet the condition under which the method is proven to converge, and why not
  /// (Zou et al. 2019, section 3).
  ///
  /// For αₜ = η / tˢ and θₜ = 1 − a / tʳ the answer is exact: 0 < r ≤ 2 s < 2. For other sequences the first steps
  /// decide about a limit.
  ///
  /// - Parameter horizon: The number of steps examined, at least 100.
  public func sufficientCondition(through horizon: Int = 100_000) -> GenericAdamCondition {
    GenericAdamCondition(step: learningRate, momentum: beta1, decay: beta2, horizon: max(100, horizon))
  }
}

/// The sufficient condition for the convergence of ``GenericAdam`` on smooth functions with gradients of bounded second
/// moment, clause by clause.
///
/// From it follows E ‖∇f(x_τ)‖^(4/3) ^(3/2) ≤ (C + C' Σ αₜ √(1 − θₜ)) / (T α_T) for τ uniform in 1…T.
public struct GenericAdamCondition: Hashable, Sendable, CustomStringConvertible {
  /// One of the condition's four parts.
  public struct Clause: Hashable, Sendable {
    /// What the clause demands.
    public let statement: String
    /// Whether the sequences meet it.
    public let holds: Bool
    /// What was found, in words.
    public let reason: String
  }

  /// αₜ = η / tˢ and θₜ = 1 − a / tʳ.
  public struct Family: Hashable, Sendable {
    public let s, r: Double

    /// How fast the bound falls with T, if it does.
    public var rate: String? {
      guard 0 < r, r <= 2 * s, s < 1 else { return nil }
      let sum = r / 2 + s
      return sum < 1 ? "T^(−\(r / 2))" : sum == 1 ? "log T / T^\(1 - s)" : "T^(−\(1 - s))"
    }
  }

  /// The clauses in the paper's order.
  public let clauses: [Clause]
  /// The powers, if the sequences are of the paper's family.
  public let family: Family?

  /// Whether all clauses hold.
  public var holds: Bool { clauses.allSatisfy(\.holds) }

  public var description: String {
    clauses.map { "\($0.holds ? "holds" : "fails"): \($0.statement): \($0.reason)" }.joined(separator: "\n")
      + (family?.rate.map { "\nthe bound falls like \($0)" } ?? "")
  }

  init(step α: Schedule, momentum β: Schedule, decay θ: Schedule, horizon: Int) {
    family = Self.family(α, θ)
    clauses = [
      Self.momentumIsBounded(β), Self.decayRises(θ, horizon),
      family.map(Self.ratioFalls) ?? Self.ratioFalls(α, θ, horizon),
      family.map(Self.sumIsSmall) ?? Self.sumIsSmall(α, θ, horizon),
    ]
  }

  private static func family(_ α: Schedule, _ θ: Schedule) -> Family? {
    guard let step = α.inversePower, step.coefficient > 0 else { return nil }
    switch θ {
    case .constant(let θ) where 0 < θ && θ < 1: return Family(s: step.power, r: 0)
    case .complement(let weight):
      guard let weight = weight.inversePower, weight.coefficient > 0 else { return nil }
      return Family(s: step.power, r: weight.power)
    default: return nil
    }
  }

  private static func momentumIsBounded(_ β: Schedule) -> Clause {
    let range = β.range
    return Clause(
      statement: "0 ≤ βₜ ≤ β < 1", holds: range.lowerBound >= 0 && range.upperBound < 1,
      reason: range.lowerBound < 0
        ? "βₜ falls to \(range.lowerBound)"
        : range.upperBound < 1 ? "βₜ is at most \(range.upperBound)" : "βₜ comes up to \(range.upperBound)")
  }

  private static func decayRises(_ θ: Schedule, _ horizon: Int) -> Clause {
    let statement = "0 < θₜ < 1, and θₜ does not fall"
    var last = Double.infinity
    for t in 1...horizon {
      let weight = θ.oneMinus(at: t)
      guard 0 < weight && weight < 1 else {
        return Clause(statement: statement, holds: false, reason: "θₜ is \(1 - weight) at t = \(t)")
      }
      guard weight <= last * (1 + 1e-14) else {
        return Clause(statement: statement, holds: false, reason: "θₜ falls at t = \(t)")
      }
      last = weight
    }
    return Clause(statement: statement, holds: true, reason: "θₜ rises from \(θ(at: 1)) to \(θ(at: horizon))")
  }

  private static let ratioStatement = "χₜ = αₜ / √(1 − θₜ) is at most a constant times a sequence that does not rise"
  private static let sumStatement = "Σ αₜ √(1 − θₜ) / (T α_T) tends to 0"

  private static func ratioFalls(_ family: Family) -> Clause {
    let holds = family.r <= 2 * family.s
    return Clause(
      statement: ratioStatement, holds: holds,
      reason: holds
        ? "r = \(family.r) is at most 2 s = \(2 * family.s)"
        : "χₜ grows like t^\(family.r / 2 - family.s), since r = \(family.r) is more than 2 s = \(2 * family.s)")
  }

  private static func sumIsSmall(_ family: Family) -> Clause {
    let reason =
      family.s >= 1
      ? "the steps fall too fast: s = \(family.s) must be less than 1"
      : family.r > 0 ? "r = \(family.r) is more than 0, s = \(family.s) less than 1" : "θₜ stays away from 1: r = 0"
    return Clause(statement: sumStatement, holds: family.s < 1 && family.r > 0, reason: reason)
  }

  /// The largest χₜ / χᵢ with i ≤ t is bounded if the last tenfold of steps has not raised it.
  private static func ratioFalls(_ α: Schedule, _ θ: Schedule, _ horizon: Int) -> Clause {
    var (least, largest, early) = (Double.infinity, 0.0, 0.0)
    for t in 1...horizon {
      let χ = α(at: t) / θ.oneMinus(at: t).squareRoot()
      least = min(least, χ)
      largest = max(largest, χ / least)
      if t == horizon / 10 { early = largest }
    }
    let holds = largest <= 1.01 * early
    return Clause(
      statement: ratioStatement, holds: holds,
      reason: holds
        ? "χₜ rises by a factor of at most \(largest) up to t = \(horizon)"
        : "χₜ has risen by a factor of \(early) at t = \(horizon / 10), of \(largest) at t = \(horizon)")
  }

  /// The share tends to 0 if the last tenfold of steps has lowered it.
  private static func sumIsSmall(_ α: Schedule, _ θ: Schedule, _ horizon: Int) -> Clause {
    var (sum, early) = (0.0, 0.0)
    func share(_ t: Int) -> Double { sum / (Double(t) * α(at: t)) }
    for t in 1...horizon {
      sum += α(at: t) * θ.oneMinus(at: t).squareRoot()
      if t == horizon / 10 { early = share(t) }
    }
    let late = share(horizon)
    return Clause(
      statement: sumStatement, holds: late.isFinite && late <= 0.999 * early,
      reason: "it is \(early) at T = \(horizon / 10) and \(late) at T = \(horizon)")
  }
}

extension Schedule {
  /// The coefficient and the power of a rate that is one divided by a power of t.
  var inversePower: (coefficient: Double, power: Double)? {
    switch self {
    case .constant(let α): return (α, 0)
    case .inverseSquareRoot(let α): return (α, 0.5)
    case .inverse(let α): return (α, 1)
    case .inversePower(let α, let power): return (α, power)
    case .scaled(let rate, let factor):
      guard let (α, power) = rate.inversePower else { return nil }
      return (factor * α, power)
    default: return nil
    }
  }
}
