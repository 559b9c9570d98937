import Descent
import TestSupport
import Testing

@testable import DescentCatalogue

/// Methods by name with a quantized state.
@Suite struct QuantizedMethodTests {
  @Test(arguments: Method.StateFormat.allCases)
  func theNameGivesTheRule(format: Method.StateFormat) throws {
    let start = try randomVector(300, seed: 1, of: Float.self)
    func steps(_ step: (inout ParameterVector<Float>, ParameterVector<Float>) throws -> Void) throws -> [Float] {
      var θ = start
      for t in 1...5 { try step(&θ, try randomVector(300, seed: UInt64(1 + t))) }
      return θ.values
    }
    for decay in [0, 0.01] {
      let composition = Method.Composition(decay: decay, state: format)
      let (method, settings) = try Catalogue.method(named: "adam", settings: [("beta2", "0.99")])
      let configured = try method.configured(settings, with: composition)
      // Of two slots: as it is stored, not as it is computed with.
      let bytes = configured.stateByteCount(of: start.layout) / Double(start.layout.paddedCount)
      #expect(format == .block8 ? (2..<2.2).contains(bytes) : bytes == 4, "\(bytes)")
      var named = try configured.optimizer(for: start)
      let byName = try steps { try named.step(&$0, gradient: $1) }
      let rule = Adam<Float>(beta2: 0.99).decayed(by: decay, coupling: .learningRate)
      func expected(_ stepper: some Stepper<Float>) throws -> [Float] {
        var stepper = stepper
        return try steps { try stepper.step(&$0, gradient: $1) }
      }
      let byType =
        switch format {
        case .block8: try expected(Optimizer(rule.quantized(.block8), for: start))
        case .bfloat16: try expected(Optimizer(rule.quantized(.bfloat16), for: start))
        }
      #expect(byName == byType)
    }
  }

  @Test func everyOneOfThemMakesAStep() throws {
    let g = try randomVector(70, seed: 1, of: Float.self)
    for name in Catalogue.quantized.keys {
      let method = try Catalogue.method(named: name).method
      for format in Method.StateFormat.allCases {
        var θ = g
        var optimizer = try method.configured(with: Method.Composition(state: format)).optimizer(for: θ)
        try optimizer.step(&θ, gradient: g)
        #expect(θ != g)
        #expect(try optimizer.checkpoint(θ).coded.values.allSatisfy { $0.format == format.rawValue })
      }
    }
  }

  @Test func othersAreRefused() throws {
    let composition = Method.Composition(state: .block8)
    for name in ["sgd", "nadam", "lamb", "prodigy"] {
      let method = try Catalogue.method(named: name).method
      #expect {
        _ = try method.configured(with: composition)
      } throws: {
        "\($0)".contains("adam, adamw") && "\($0)".contains("state")
      }
    }
    let adam = try Catalogue.method(named: "adam").method
    #expect(throws: RuleError.self) {
      _ = try adam.configured(with: Method.Composition(average: .exponential(0.9), state: .block8))
    }
    let wide = try randomVector(3, seed: 1, of: Double.self)
    #expect(throws: RuleError.self) { _ = try adam.configured(with: composition).optimizer(for: wide) }
  }
}
