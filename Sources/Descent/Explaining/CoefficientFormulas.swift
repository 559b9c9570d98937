import RealModule

/// The formulas of a rule's coefficients in terms of its options and t.
///
/// The program computes coefficients in `Double`, by code that leaves no trace. So the formulas are found from values:
/// the options are given many other values near their own, the coefficients computed for several steps, and a product
/// of powers looked for that gives all of them. It must then give those of the rule itself, too.
public struct CoefficientFormulas: Sendable {
  /// A coefficient's formula.
  public struct Found: Hashable, Sendable {
    public let text: String
    /// Whether the first step has another value.
    public let isOtherAtFirst: Bool
    /// Whether the coefficient is a number that depends on neither t nor an option.
    public let isNumber: Bool
  }

  /// By the coefficient's name.
  public private(set) var formulas: [String: Found] = [:]
  /// The letters in the formulas, with the options that they stand for.
  public private(set) var letters: [Letter] = []

  /// A letter that stands for an option.
  public struct Letter: Hashable, Sendable {
    public let letter: String
    public let option: String
    /// Its value in the rule, as text.
    public let value: String
  }

  /// An option that is a number or a schedule.
  private struct Variable {
    let option: Int
    let letter: String
    let isRate: Bool
    let interval: Interval
    /// Its value at step t.
    let rate: Schedule
  }

  private static let samples = [2, 3, 5, 8, 13, 21, 55, 144, 377, 987, 1597, 2100]
  /// Steps at which a formula must give the rule's own coefficients.
  private static let checks = [2, 3, 5, 10, 50, 100, 1000, 3000]

  /// - Parameter rule: A rule, or a composition, over traced scalars.
  /// - Throws: ``RuleError`` if the rule's coefficients cannot be read.
  public init<Rule: ElementRule>(of rule: Rule) throws(RuleError) where Rule.Scalar == Traced<Double> {
    let fields = try CoefficientFields<Double>(of: rule.coefficients(at: 1), rule: Rule.name)
    let names = fields.names(of: .scalar)
    let variables = Self.variables(of: rule, coefficients: names)
    letters = variables.map {
      let option = Rule.options[$0.option]
      return Letter(letter: $0.letter, option: option.name, value: option.text(in: rule))
    }
    // Options that are 0 switch something off: with those varied, and if that is something else, with those kept.
    for keepsZeros in [false, true] {
      guard let search = Self.search(rule, variables, fields, keepsZeros: keepsZeros) else { continue }
      for (k, name) in names.enumerated() where formulas[name] == nil {
        guard let formula = search.search.formula(of: search.values[k]) else { continue }
        func isRight(at t: Int) -> Bool {
          let quantities = Self.quantities(variables.map { ($0, $0.rate) }, at: t).map(\.value)
          let (found, own) = (formula.value(quantities), fields.values(of: rule.coefficients(at: t)).scalars[k])
          return found == own || abs(found - own) <= 1e-9 * abs(own)
        }
        guard Self.checks.allSatisfy(isRight) else { continue }
        formulas[name] = Found(
          text: formula.text(search.search.quantities), isOtherAtFirst: !isRight(at: 1),
          isNumber: formula.powers.isEmpty)
      }
    }
  }

  /// The options that are numbers or schedules. A letter that a coefficient has already stands for that alone.
  private static func variables<Rule: ElementRule>(of rule: Rule, coefficients: [String]) -> [Variable] {
    var taken = Set(["t", "θ", "g"] + coefficients)
    return Rule.options.enumerated().compactMap { i, option in
      guard let rate = try? Schedule(option.text(in: rule)),
        let interval = Interval.allCases.first(where: { option.domain.contains($0.rawValue) })
      else { return nil }
      let symbol = option.summary.split(separator: ":").first.map(String.init) ?? ""
      let letter = symbol.count <= 4 && symbol != option.summary && taken.insert(symbol).inserted ? symbol : option.name
      return Variable(
        option: i, letter: letter, isRate: option.domain.hasSuffix("schedule"), interval: interval, rate: rate)
    }
  }

  /// The coefficients and the quantities for other values of the options.
  private static func search<Rule: ElementRule>(
    _ rule: Rule, _ variables: [Variable], _ fields: CoefficientFields<Double>, keepsZeros: Bool
  ) -> (search: FormulaSearch, values: [[Double]])? where Rule.Scalar == Traced<Double> {
    var stream = RandomStream(seed: 1, name: "formulas")
    var values: [[Double]] = []
    var quantities: [[(text: String, isSum: Bool, value: Double)]] = []
    for t in samples {
      var other = rule
      var rates: [(Variable, Schedule)] = []
      for variable in variables {
        let rate = keepsZeros && variable.rate(at: 1) == 0 ? variable.rate : self.rate(near: variable, &stream)
        let text = rate.constantValue.map { "\($0)" } ?? rate.description
        guard (try? Rule.options[variable.option].read(&other, text, nil)) != nil else { return nil }
        rates.append((variable, rate))
      }
      values.append(fields.values(of: other.coefficients(at: t)).scalars)
      quantities.append(self.quantities(rates, at: t))
    }
    let search = FormulaSearch(
      quantities[0].indices.map { i in
        FormulaSearch.Quantity(
          text: quantities[0][i].text, isSum: quantities[0][i].isSum, values: quantities.map { $0[i].value })
      })
    return (search, values[0].indices.map { k in values.map { $0[k] } })
  }

  /// A value near the option's own, within its interval; a schedule if the option may be one.
  private static func rate(near variable: Variable, _ stream: inout RandomStream) -> Schedule {
    let own = variable.rate(at: 1)
    func value() -> Double {
      let factor = Double.exp(1.2 * (stream.uniform() - 0.5))
      switch variable.interval {
      case .unit, .closedUnit, .halfOpenUnit, .openUnit:
        return own <= 0.3 || own == 1 ? 0.1 + 0.5 * stream.uniform() : 1 - min(0.9, (1 - own) * factor)
      case .closedHalf, .halfOpenHalf: return 0.1 + 0.35 * stream.uniform()
      case .atLeastOne: return 1.1 + 2 * stream.uniform()
      default: return own == 0 ? 0.05 + 0.2 * stream.uniform() : own * factor
      }
    }
    return variable.isRate ? .linear(from: value(), to: value(), over: 3000) : .constant(value())
  }

  /// The quantities that formulas are made of.
  private static func quantities(
    _ rates: [(Variable, Schedule)], at t: Int
  ) -> [(text: String, isSum: Bool, value: Double)] {
    var result: [(text: String, isSum: Bool, value: Double)] = [
      ("t", false, Double(t)),
      ("largest", false, Double.greatestFiniteMagnitude),
    ]
    for (variable, rate) in rates {
      let letter = variable.letter
      result.append((letter, false, rate(at: t)))
      if variable.interval.isWithinUnit {
        let isConstant = variable.rate.constantValue != nil
        result.append(("1 − \(letter)", true, rate.oneMinus(at: t)))
        result.append(
          (isConstant ? "1 − \(letter)ᵗ" : "1 − \(letter)(1)⋯\(letter)(t)", true, rate.oneMinusProduct(through: t)))
      }
      if variable.isRate { result.append(("\(letter)(t + 1)", false, rate(at: t + 1))) }
    }
    return result
  }
}
