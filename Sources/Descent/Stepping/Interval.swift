/// An interval of numbers that an option's values lie in.
public enum Interval: String, Sendable, CaseIterable, CustomStringConvertible {
  case nonNegative = "[0, ∞)"
  case positive = "(0, ∞)"
  case atLeastOne = "[1, ∞)"
  case unit = "[0, 1)"
  case closedUnit = "[0, 1]"
  case halfOpenUnit = "(0, 1]"
  case openUnit = "(0, 1)"
  case closedHalf = "[0, ½]"
  case halfOpenHalf = "(0, ½]"
  case real = "(−∞, ∞)"

  public var description: String { rawValue }

  /// Whether all its numbers are shares of 1.
  var isWithinUnit: Bool {
    switch self {
    case .unit, .closedUnit, .halfOpenUnit, .openUnit, .closedHalf, .halfOpenHalf: true
    case .nonNegative, .positive, .atLeastOne, .real: false
    }
  }

  func contains(_ x: Double) -> Bool {
    switch self {
    case .nonNegative: x >= 0 && x.isFinite
    case .positive: x > 0 && x.isFinite
    case .atLeastOne: x >= 1 && x.isFinite
    case .unit: x >= 0 && x < 1
    case .closedUnit: x >= 0 && x <= 1
    case .halfOpenUnit: x > 0 && x <= 1
    case .openUnit: x > 0 && x < 1
    case .closedHalf: x >= 0 && x <= 0.5
    case .halfOpenHalf: x > 0 && x <= 0.5
    case .real: x.isFinite
    }
  }

  func closureContains(_ range: ClosedRange<Double>) -> Bool {
    switch self {
    case .nonNegative, .positive: range.lowerBound >= 0 && range.upperBound.isFinite
    case .atLeastOne: range.lowerBound >= 1 && range.upperBound.isFinite
    case .unit: range.lowerBound >= 0 && range.upperBound < 1
    case .closedUnit, .halfOpenUnit, .openUnit: range.lowerBound >= 0 && range.upperBound <= 1
    case .closedHalf, .halfOpenHalf: range.lowerBound >= 0 && range.upperBound <= 0.5
    case .real: range.lowerBound.isFinite && range.upperBound.isFinite
    }
  }
}
