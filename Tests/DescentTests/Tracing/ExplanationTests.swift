import Testing

@testable import Descent

/// What is said about rules, against their equations.
@Suite struct ExplanationTests {
  private func explanation<Rule: ElementRule, Wide: ElementRule>(
    _ rule: Rule, _ wide: Wide, at t: Int = 1
  ) throws -> UpdateExplanation where Rule.Scalar == Traced<Float>, Wide.Scalar == Traced<Double> {
    try UpdateExplanation(of: rule, formulas: CoefficientFormulas(of: wide), at: t)
  }

  @Test func adamHasItsEquations() throws {
    let adam = try explanation(Adam<Traced<Float>>(), Adam<Traced<Double>>())
    #expect(adam.phases.map(\.steps) == ["in every step"])
    #expect(
      adam.phases[0].equations == [
        "g₁ = clip(g, ±gLimit)", "m′ = finite(m − oneMinusβ1·m + oneMinusβ1·g₁)",
        "v′ = min(v − oneMinusβ2·v + oneMinusβ2·g₁·g₁, largest)", "θ′ = θ − (α·m′) /₀ (√(v′ + εRoot) + ε)",
      ])
    let formulas = Dictionary(uniqueKeysWithValues: adam.coefficients.map { ($0.name, $0.formula) })
    #expect(
      formulas == [
        "oneMinusβ1": "1 − β₁", "oneMinusβ2": "1 − β₂", "gLimit": "√largest / √(1 − β₂)",
        "α": "learningRate·√(1 − β₂ᵗ) / (1 − β₁ᵗ)", "ε": "√(1 − β₂ᵗ)·epsilon", "εRoot": "(1 − β₂ᵗ)·ε'",
      ])
    #expect(adam.slots == ["adam/m", "adam/v"])
    #expect(adam.stateBytes == 8)
    // θ, g, m and v are read; θ, m and v are written.
    #expect(adam.phases[0].bytesRead == 16 && adam.phases[0].bytesWritten == 12)
    #expect(adam.text().contains("α          = learningRate·√(1 − β₂ᵗ) / (1 − β₁ᵗ)"))
  }

  /// Counted by hand from the rules' code.
  @Test func operationsAreThoseOfTheCode() throws {
    func counts(_ graph: UpdateGraph) -> [OperationCount.Kind: Int] {
      Dictionary(uniqueKeysWithValues: graph.operationCounts.map { ($0.kind, $0.count) })
    }
    #expect(counts(try RuleTrace(of: SGD<Traced<Float>>(), at: 1).graph) == [.sum: 1, .product: 1])
    // Limits: 2 of g, 2 of m, 1 of v. m: − and +; v: − and +; θ: + εRoot, + ε and −. m: 2 products; v: 3; θ: 1.
    #expect(
      counts(try RuleTrace(of: Adam<Traced<Double>>(), at: 1).graph)
        == [.sum: 7, .product: 6, .quotient: 1, .root: 1, .comparison: 5])
  }

  @Test func choicesAreShownOneByOne() throws {
    let rule = try explanation(
      SGD<Traced<Float>>().lookingAhead(every: 5), SGD<Traced<Double>>().lookingAhead(every: 5))
    #expect(rule.phases.map(\.steps) == ["in the other steps", "every 5 steps"])
    #expect(rule.phases[0].equations == ["slow′ = slow", "θ′ = finite(θ − α·g)"])
    let adan = try explanation(Adan<Traced<Float>>(), Adan<Traced<Double>>())
    #expect(adan.phases.map(\.steps) == ["in step 1", "from step 2 on"])
    #expect(adan.coefficients.first { $0.name == "oneMinusβ1" }?.isOtherAtFirst == true)
  }

  @Test func whatHasNoFormulaHasItsValue() throws {
    let radam = try explanation(RAdam<Traced<Float>>(), RAdam<Traced<Double>>(), at: 100)
    let α = try #require(radam.coefficients.first { $0.name == "α" })
    #expect(α.formula == nil)
    #expect(radam.text().contains("no formula found"))
    #expect(radam.text().contains("(values at t = 100)"))
  }

  @Test func schedulesAndCompositionsHaveFormulas() throws {
    func rule<Scalar: RuleScalar>(_: Scalar.Type) -> Averaged<Decayed<Adam<Scalar>>> {
      Adam(learningRate: .cosine(0.1, to: 0, over: 100), beta1: .exponential(0.9, factor: 0.99))
        .decayed(by: 0.01).averaged(0.99)
    }
    let formulas = try CoefficientFormulas(of: rule(Traced<Double>.self)).formulas
    #expect(formulas["λ"]?.text == "learningRate·weightDecay")
    #expect(formulas["weight"]?.text == "(1 − average) / (1 − averageᵗ)")
    #expect(formulas["α"]?.text == "learningRate·√(1 − β₂ᵗ) / (1 − β₁(1)⋯β₁(t))")
  }
}
