import Descent
import DescentCatalogue
import TestSupport
import Testing

/// The methods with a curvature from gradients, by name. Their equations are tested in `DescentTests/CurvatureRules`.
@Suite struct GradientCurvatureTests {
  private struct Pair: SampledGradientObjective {
    let gradient, sampled: ParameterVector<Float>
    func value(at θ: ParameterVector<Float>, gradient: inout ParameterVector<Float>) -> Double {
      gradient = self.gradient
      return 1
    }
    func value(
      at θ: ParameterVector<Float>, gradient: inout ParameterVector<Float>,
      sampledGradient: inout ParameterVector<Float>
    ) -> Double {
      (gradient, sampledGradient) = (self.gradient, sampled)
      return 1
    }
  }

  private let layout = try! ParameterLayout([("kernel", [2, 2, 3, 4]), ("weight", [5, 4]), ("bias", [4])])

  private func vector(_ seed: Int) -> ParameterVector<Float> {
    var stream = RandomStream(seed: UInt64(seed), name: "curvature by name")
    var vector = ParameterVector<Float>(zeros: layout)
    for block in layout.blocks {
      try! vector.assign((0..<block.count).map { _ in Float(stream.normal()) }, to: block.name)
    }
    return vector
  }

  private func path(
    _ name: String, _ settings: [(name: String, value: String)] = [], _ composition: Method.Composition = .init()
  ) throws -> [[Float]] {
    let (method, settings) = try Catalogue.method(named: name, settings: settings)
    var θ = vector(0)
    var optimizer = try method.configured(settings, with: composition).optimizer(for: θ)
    return try (1...8).map { t in
      try optimizer.step(&θ, on: Pair(gradient: vector(t), sampled: vector(100 + t)))
      return θ.values
    }
  }

  @Test(arguments: ["mbf", "tnt"]) func noOptionIsIgnored(name: String) throws {
    let method = try Catalogue.method(named: name).method
    #expect(method.kind == .objective && method.dependsOnAxes)
    // Given labels, the default of mbf as in its paper, need a gradient alone.
    #expect(method.needs == (name == "mbf" ? [] : [.sampledGradients]))
    #expect(try method.configured([("labels", "sampled")]).needs == [.sampledGradients])
    #expect(try method.configured([("labels", "given")]).needs.isEmpty)
    #expect(method.stateBytesPerParameter > 16)
    let standard = try path(name)
    let values = [
      "learningRate": ["0.5", "cosine(0.1,over=10)"], "momentum": ["0.5"], "damping": ["1"], "decay": ["0.5"],
      "blocks": ["rows", "columns"], "statisticsInterval": ["3"], "inverseInterval": ["3"],
      "labels": ["given", "sampled"],
      "beta2": ["0.5"], "epsilon": ["1"], "form": ["matrix"], "maximumSide": ["2"], "warmSteps": ["2"],
    ]
    for option in method.options {
      let others = try #require(values[option.name]).filter { $0 != option.standard }
      for value in others { #expect(try path(name, [(option.name, value)]) != standard, "\(option.name)=\(value)") }
      #expect(try path(name, [(option.name, option.standard)]) == standard)
    }
    for (option, value) in [
      ("damping", "0"), ("momentum", "1"), ("decay", "-1"), ("statisticsInterval", "0"), ("labels", "x"),
    ] {
      #expect(throws: RuleError.self) { try method.configured([(option, value)]) }
    }
  }

  @Test(arguments: ["mbf", "tnt"]) func composes(name: String) throws {
    let standard = try path(name)
    for composition in [
      Method.Composition(decay: 0.1), Method.Composition(penalty: 0.1), Method.Composition(lookahead: .init(period: 2)),
      Method.Composition(centralizes: true), Method.Composition(adaptiveClip: 0.01),
    ] {
      let composed = try path(name, [], composition)
      #expect(composed != standard && composed.allSatisfy { $0.allSatisfy(\.isFinite) })
    }
    #expect(try path(name, [], Method.Composition(average: .exponential(0.9))) == standard)
  }
}
