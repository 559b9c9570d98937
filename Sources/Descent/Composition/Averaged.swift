/// A rule with an average of its iterates beside it.
///
/// Exponential (Kingma & Ba 2015, section 7.2): θ̄ₜ = β θ̄ₜ₋₁ + (1 − β) θₜ from zero, and the average is θ̄ₜ / (1 −
/// βᵗ). This average itself is stored: it moves towards θₜ by the weight (1 − β) / (1 − βᵗ), and is θ₁ after step 1.
///
/// Polyak–Ruppert (Polyak & Juditsky 1992): θ̄ₜ = θ̄ₜ₋₁ + (θₜ − θ̄ₜ₋₁) / (t − t₀ + 1), the mean of θ from step t₀ to step t;
/// before t₀ it is θ itself.
///
/// Before the first step the average is θ₀.
public struct Averaged<Base: SteppingRule>: RememberingRule, AveragingRule {
  public typealias Scalar = Base.Scalar

  public var base: Base
  /// Which average.
  public var average: Average

  /// The weight of θₜ.
  @frozen public struct Factors: Sendable {
    @usableFromInline var weight: Base.Scalar
  }

  public func factors(at t: Int) -> Factors { Factors(weight: Scalar(average.weight(at: t))) }

  @inlinable @inline(__always)
  public static func finish(_ θ: inout Lane, memory average: inout Lane, _ c: Factors) {
    average.decay(toward: θ, by: c.weight)
  }

  public static var memorySlot: String { averageSlot }
  public static var averageSlot: String { "average" }

  public static var ownOptions: [RuleOption<Self>] {
    [.text("average", \.average, domain: "β in [0, 1), polyak or polyak:t₀", "which average of θ is kept")]
  }
}

extension Averaged: PassRule, ElementRule where Base: ElementRule {}
extension Averaged: TensorRule where Base: TensorRule {}
extension Averaged: ObjectiveRule where Base: ObjectiveRule {}

/// An average of the iterates: written `0.999`, `polyak` or `polyak:1000`.
public enum Average: Hashable, Sendable, Codable, LosslessStringConvertible {
  /// An exponential moving average with decay β in [0, 1): it reaches back about 1 / (1 − β) steps.
  case exponential(Double)
  /// The mean of the iterates from step t₀ ≥ 1 on.
  case polyak(from: Int)

  /// Reads what ``description`` writes; nil if the text is not an average, or out of range.
  public init?(_ text: String) {
    let text = text.lowercased()
    if let β = Double(text) {
      self = .exponential(β)
    } else if text == "polyak" {
      self = .polyak(from: 1)
    } else if text.hasPrefix("polyak:"), let start = Int(text.dropFirst(7)) {
      self = .polyak(from: start)
    } else {
      return nil
    }
    guard isValid else { return nil }
  }

  public var description: String {
    switch self {
    case .exponential(let β): "\(β)"
    case .polyak(let start): start == 1 ? "polyak" : "polyak:\(start)"
    }
  }

  /// The weight of θₜ in the average after step t.
  @usableFromInline
  func weight(at t: Int) -> Double {
    switch self {
    case .exponential(let β): (1 - β) / Schedule.constant(β).oneMinusProduct(through: t)
    case .polyak(let start): 1 / Double(max(1, t - start + 1))
    }
  }

  var isValid: Bool {
    switch self {
    case .exponential(let β): β >= 0 && β < 1
    case .polyak(let start): start >= 1
    }
  }
}

extension SteppingRule {
  /// This rule with an exponential moving average of θ beside it.
  ///
  /// - Parameter decay: β in [0, 1); the average reaches back about 1 / (1 − β) steps.
  public func averaged(_ decay: Double) -> Averaged<Self> { averaged(.exponential(decay)) }

  /// This rule with an average of its iterates beside it.
  public func averaged(_ average: Average) -> Averaged<Self> { Averaged(base: self, average: average) }
}
