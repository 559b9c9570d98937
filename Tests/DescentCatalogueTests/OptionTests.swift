import Descent
import DescentCatalogue
import TestSupport
import Testing

/// Options that are given twice or have no effect are refused, with what they need.
@Suite struct OptionTests {
  @Test(arguments: [
    ("ftrlmomentum", "initialAccumulator", "0.5", "adaptive=true"), ("shampoo", "nesterov", "true", "momentum above 0"),
    ("shampoo", "graftingBeta2", "0.9", "grafting=rmsprop or adam"),
    ("shampoo", "graftingEpsilon", "0.1", "grafting=adagrad, rmsprop or adam"),
    ("lars", "denominator", "normOfSum", "weightDecay above 0"),
    ("schedulefreesgd", "decayPoint", "z", "weightDecay above 0"),
  ])
  func whatHasNoEffectIsRefused(_ name: String, _ option: String, _ value: String, _ needs: String) throws {
    let method = try Catalogue.method(named: name).method
    #expect(throws: RuleError.withoutEffect(rule: name, option: option, needs: needs)) {
      try method.configured([(option, value)])
    }
    // The full text of a method's standard options, as saved with a run, is accepted.
    _ = try method.configured(method.options.map { ($0.name, $0.standard) })
    #expect(method.options.contains { $0.name == option && $0.summary.contains("needs \(needs)") })
  }

  @Test func requirementsHoldForGroups() throws {
    let θ = try ParameterVector<Float>([1, 2])
    var optimizer = try Catalogue.method(named: "ftrlmomentum").method.configured().optimizer(for: θ)
    #expect(throws: RuleError.self) { try optimizer.group("x", options: [("initialAccumulator", "0.5")]) }
    try optimizer.group("x", options: [("initialAccumulator", "0.5"), ("adaptive", "true")])
    var shampoo = try Catalogue.method(named: "shampoo").method.configured().optimizer(for: θ)
    #expect(throws: RuleError.self) { try shampoo.group("x", options: [("nesterov", "true")]) }
  }

  /// In every method, a decay near 1 that is given as its complement keeps all digits of the newest gradient's weight;
  /// 1 − (1 − 10⁻⁹) would keep only half of them.
  @Test(arguments: Catalogue.methods.filter { $0.kind == .element }.map(\.name))
  func weightsOfDecaysNearOneAreExact(_ name: String) throws {
    let method = try Catalogue.method(named: name).method
    for option in method.options where option.domain.hasPrefix("[0, 1") && option.domain.hasSuffix("schedule") {
      var θ = try ParameterVector([1.0])
      let configured = try method.configured([(option.name, "complement(1e-9)")])
      var optimizer = try configured.optimizer(of: θ)
      try optimizer.step(&θ, gradient: ParameterVector([1.0]))
      let state = try optimizer.checkpoint(θ).slots.mapValues { $0.values[0] }
      let weights = state.filter { 0.999e-9...1.001e-9 ~= abs($0.value) }
      for (slot, value) in weights {
        #expect(abs(abs(value) - 1e-9) <= 4e-9.ulp, "\(slot) after one step with \(option.name) near 1: \(value)")
      }
      // Lion's β₁ is not the decay of its mean.
      #expect(
        weights.isEmpty == (!["beta1", "beta", "beta3"].contains(option.name) || name == "lion"), "\(option.name)")
    }
  }

  @Test(arguments: [("lr", "learningRate"), ("beta2", "Beta2"), ("eps", "epsilon")])
  func repeatedOptionsAreRefused(_ one: String, _ other: String) throws {
    let method = try Catalogue.method(named: "adam").method
    #expect {
      try method.configured([(one, "0.5"), (other, "0.25")])
    } throws: {
      if case .repeatedOption? = $0 as? RuleError { true } else { false }
    }
  }
}
