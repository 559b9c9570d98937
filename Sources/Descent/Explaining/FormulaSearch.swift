import RealModule

/// Finds the formula of a number as a product of powers of known quantities, from its values.
///
/// The exponents are ±1 and ±½, and at most four quantities take part. A product of quantities is a sum of their
/// logarithms, so sums of two pairs are looked up in a sorted list. A formula must hold for every sample, in which the
/// quantities have nothing to do with each other: a wrong one has no chance.
struct FormulaSearch {
  /// A quantity, with its value in every sample.
  struct Quantity {
    let text: String
    /// Whether the text is a sum, which needs parentheses beside a factor.
    var isSum = false
    let values: [Double]
  }

  /// A product of powers.
  struct Formula: Hashable {
    /// The quantities' numbers with twice their exponents.
    var powers: [Int: Int] = [:]
    var factor = 1.0
  }

  private static let exponents = [2, -2, 1, -1]
  private static let tolerance = 1e-9

  let quantities: [Quantity]
  private let logarithms: [[Double]]
  /// Products of at most two quantities, by the logarithm of their value in the first sample.
  private let terms: [(value: Double, powers: [Int: Int])]
  private let usable: [Int]

  init(_ quantities: [Quantity]) {
    self.quantities = quantities
    let logarithms = quantities.map { $0.values.map { Double.log($0) } }
    let usable = quantities.indices.filter { logarithms[$0].allSatisfy(\.isFinite) }
    var terms: [(value: Double, powers: [Int: Int])] = [(0, [:])]
    for (place, i) in usable.enumerated() {
      for a in Self.exponents {
        terms.append((Double(a) / 2 * logarithms[i][0], [i: a]))
        for j in usable[(place + 1)...] {
          for b in Self.exponents {
            terms.append((Double(a) / 2 * logarithms[i][0] + Double(b) / 2 * logarithms[j][0], [i: a, j: b]))
          }
        }
      }
    }
    self.logarithms = logarithms
    self.usable = usable
    self.terms = terms.sorted { $0.value < $1.value }
  }

  /// The shortest formula for a number with these values; nil if none is found.
  func formula(of values: [Double]) -> Formula? {
    if values.allSatisfy({ $0 == values[0] }) { return Formula(factor: values[0]) }
    let targets = values.map { Double.log($0) }
    guard targets.allSatisfy(\.isFinite) else { return nil }
    var best: [Int: Int]?
    for first in terms where best == nil || first.powers.count + 1 < best!.count || best!.count > 2 {
      let rest = targets[0] - first.value
      var i = lowerBound(rest - Self.tolerance)
      while i < terms.count, terms[i].value <= rest + Self.tolerance {
        let second = terms[i]
        i += 1
        let powers = first.powers.merging(second.powers) { $0 + $1 }
        guard powers.count == first.powers.count + second.powers.count else { continue }
        if let best, best.count <= powers.count { continue }
        if holds(powers, for: targets) { best = powers }
      }
    }
    return best.map { Formula(powers: $0) }
  }

  private func lowerBound(_ value: Double) -> Int {
    var (low, high) = (0, terms.count)
    while low < high {
      let middle = (low + high) / 2
      if terms[middle].value < value { low = middle + 1 } else { high = middle }
    }
    return low
  }

  private func holds(_ powers: [Int: Int], for targets: [Double]) -> Bool {
    targets.indices.allSatisfy { sample in
      let sum = powers.reduce(0) { $0 + Double($1.value) / 2 * logarithms[$1.key][sample] }
      return abs(sum - targets[sample]) < Self.tolerance
    }
  }
}

extension FormulaSearch.Formula {
  /// Its value for the quantities' values.
  func value(_ quantities: [Double]) -> Double {
    powers.reduce(factor) { product, power in
      let x = quantities[power.key]
      return switch power.value {
      case 2: product * x
      case -2: product / x
      case 1: product * x.squareRoot()
      default: product / x.squareRoot()
      }
    }
  }

  /// The formula in words of the quantities.
  func text(_ quantities: [FormulaSearch.Quantity]) -> String {
    func join(_ sign: Int, isAlone: Bool) -> String? {
      let factors = powers.filter { ($0.value > 0) == (sign > 0) }.sorted { $0.key < $1.key }
      let texts = factors.map { place, power in
        let quantity = quantities[place]
        let isRoot = abs(power) == 1
        let needsParentheses = quantity.isSum && (isRoot || !isAlone || factors.count > 1)
        return (isRoot ? "√" : "") + (needsParentheses ? "(\(quantity.text))" : quantity.text)
      }
      return texts.isEmpty ? nil : texts.joined(separator: "·")
    }
    guard !powers.isEmpty else { return numberText(factor) }
    let isFraction = powers.contains { $0.value < 0 }
    let numerator = join(1, isAlone: !isFraction) ?? "1"
    guard let denominator = join(-1, isAlone: false) else { return numerator }
    return denominator.contains("·") ? "\(numerator) / (\(denominator))" : "\(numerator) / \(denominator)"
  }
}

/// A number with at most six significant digits, and without a fraction if it is whole.
func numberText(_ x: Double) -> String {
  guard x.isFinite else { return x.isNaN ? "nan" : x < 0 ? "−∞" : "∞" }
  if x == x.rounded(), x.magnitude < 1e6 { return x < 0 ? "−\(Int(-x))" : "\(Int(x))" }
  let exponent = Int(Double.log10(x.magnitude).rounded(.down))
  let scale = Double.pow(10, exponent - 5)
  let digits = (x.magnitude / scale).rounded()
  // Through text, so that the shortest digits appear: 0.001, not 0.0010000000000000002.
  let text = Double("\(Int(digits))e\(exponent - 5)").map { "\($0)" } ?? "\(x.magnitude)"
  return x < 0 ? "−" + text : text
}
