import Descent
import DescentCatalogue
import RealModule
import TestSupport
import Testing

/// No finite gradient, however large, makes θ or a state infinite or NaN. This holds for any method with any option,
/// alone or composed. A gradient that is not finite does so.
@Suite struct LargeGradientTests {
  private static let composition = [
    Method.Composition(), Method.Composition(decay: 0.01, penalty: 0.01, average: .exponential(0.9)),
    Method.Composition(penalty: 0.1, lookahead: Method.SlowWeights(period: 2)),
  ]

  private static let patterns: [(name: String, isLarge: @Sendable (Int) -> Bool, alternates: Bool)] = [
    ("once", { $0 == 3 }, false), ("first", { $0 == 1 }, false), ("repeated", { 3...8 ~= $0 }, false),
    ("alternating", { 3...8 ~= $0 }, true),
  ]
  private static let steps = 14

  /// From numbers whose squares overflow up to the largest number.
  private static func magnitudes<Scalar: LaneScalar>(_: Scalar.Type) -> [Scalar] {
    let largest = Scalar.greatestFiniteMagnitude
    let root = largest.squareRoot()
    return [root * Scalar(1.1), root * root.squareRoot().squareRoot(), largest / 1024, largest]
  }

  private static func isFinite<Scalar>(_ state: Checkpoint<Scalar>) -> Bool {
    state.slots.values.allSatisfy { $0.values.allSatisfy(\.isFinite) }
      && state.arrays.values.allSatisfy { $0.values.allSatisfy(\.isFinite) }
      && state.doubles.values.allSatisfy { $0.values.allSatisfy(\.isFinite) }
      && state.numbers.values.allSatisfy(\.isFinite)
  }

  /// Gradients of `layout`. Each element has its own pattern, magnitude and sign; either all elements are large, or
  /// only the first of each parameter.
  private static func gradients<Scalar: LaneScalar>(
    _ layout: ParameterLayout, _: Scalar.Type, all: Bool, variant: Int
  ) throws -> [ParameterVector<Scalar>] {
    let count = layout.blocks.reduce(0) { $0 + $1.count }
    let small = GradientSequence.noisy.gradients(Scalar.self, steps: steps, elements: count)
    let magnitudes = magnitudes(Scalar.self)
    return try (1...steps).map { t in
      var g = ParameterVector<Scalar>(zeros: layout)
      var start = 0
      for block in layout.blocks {
        let values = (0..<block.count).map { i in
          let kind = start + i + variant
          let pattern = patterns[kind % patterns.count]
          guard (all || i == 0) && pattern.isLarge(t) else { return small[t - 1][start + i] }
          let sign: Scalar = (kind / 16 + (pattern.alternates ? t : 0)) % 2 == 0 ? 1 : -1
          return sign * magnitudes[kind / 4 % magnitudes.count]
        }
        try g.assign(values, to: block.name)
        start += block.count
      }
      return g
    }
  }

  @Test(arguments: Catalogue.methods.filter { $0.kind != .sum }.map(\.name))
  func leaveEverythingFinite(method: String) throws {
    func check<Scalar: LaneScalar>(_: Scalar.Type) throws {
      for scenario in allCases(Double.self) {
        for var composition in Self.composition {
          let (found, configured) = try scenario.configured(withWhatItTakesOf: &composition)
          guard found.name == method else { continue }
          let layout = try ParameterLayout(
            found.kind == .element
              ? [("x", [64])] : modelShapes.enumerated().map { ("p\($0.offset)", $0.element) })
          // If elements do not affect each other, one vector holds all patterns.
          for variant in found.kind == .element ? [0] : [0, 1, 6, 11, 15] {
            for all in found.kind == .element ? [true] : [false, true] {
              var θ = ParameterVector<Scalar>(zeros: layout)
              for block in layout.blocks { try θ.assign(Array(repeating: 0.7, count: block.count), to: block.name) }
              var optimizer = try configured.optimizer(of: θ)
              for (t, g) in try Self.gradients(layout, Scalar.self, all: all, variant: variant).enumerated() {
                try optimizer.step(&θ, gradient: g)
                let bad = θ.values.firstIndex { !$0.isFinite }
                #expect(
                  bad == nil,
                  "\(scenario.description), \(Scalar.self), \(composition), \(variant): element \(bad!) after step \(t + 1)"
                )
                if bad != nil { break }
              }
              let state = try optimizer.checkpoint(θ)
              #expect(
                Self.isFinite(state),
                "state of \(scenario.description), \(Scalar.self), \(composition), \(variant), \(all)")
            }
          }
        }
      }
    }
    try check(Float.self)
    try check(Double.self)
  }

  @Test(arguments: Catalogue.methods.filter { $0.kind != .sum }.map(\.name))
  func whatIsNotFiniteIsNotHidden(method: String) throws {
    func check<Scalar: LaneScalar>(_: Scalar.Type) throws {
      for scenario in allCases(Double.self) {
        for var composition in Self.composition {
          let (found, configured) = try scenario.configured(withWhatItTakesOf: &composition)
          guard found.name == method else { continue }
          for bad in [.nan, .infinity, -.infinity] as [Scalar] {
            var θ = try ParameterVector([1, 1, 1, 1] as [Scalar])
            var optimizer = try configured.optimizer(of: θ)
            // AdaShift looks at a gradient some steps after it was given.
            for t in 1...24 {
              try optimizer.step(&θ, gradient: ParameterVector([t == 3 ? bad : 0.1, 0.5, -0.5, 0]))
            }
            #expect(!θ.values[0].isFinite, "\(scenario.description), \(Scalar.self), \(composition), \(bad)")
          }
        }
      }
    }
    try check(Float.self)
    try check(Double.self)
  }

  /// A large gradient among small ones whose weighted square does not overflow: the result must match the wider type's.
  @Test(arguments: Catalogue.methods.filter { $0.kind == .element }.map(\.name))
  func fittingSquaresAreExact(method: String) throws {
    func check<Scalar: CheckedScalar>(_: Scalar.Type) throws {
      let root = Scalar.greatestFiniteMagnitude.squareRoot()
      for scenario in allCases(Scalar.Wider.self) {
        let (found, configured) = try scenario.configured()
        guard found.name == method, case .element(let reference) = scenario.reference else { continue }
        // This method squares a sum that contains a square, which overflows.
        guard method != "adabeliefinject" else { continue }
        // Squares weighted by less than ½ do not overflow even if the squares themselves do.
        let weighsSquares =
          !["adagrad", "delayedadagrad", "vsgd"].contains(method)
          && !scenario.options.contains { $0 == ("adaptive", "true") || $0 == ("correction", "beforeMaximum") }
        for magnitude in [root / 4, root / 1024] + (weighsSquares ? [root * Scalar(1.1)] : []) {
          for sign in [1, -1] as [Scalar] {
            var gradients = GradientSequence.noisy.gradients(Scalar.self, steps: 12, elements: 5)
            for i in 0..<4 { gradients[4][i] = sign * magnitude }
            let path = try configured.trajectory(
              gradients.map { [$0] }, from: ParameterVector(Array(repeating: 0.7 as Scalar, count: 5)))
            // AdaDelta's quotient of mean squares falls below the smallest normal number and loses digits; the
            // injected square magnifies rounding errors.
            let factors: [String: Double] = ["adadelta": 3, "radaminject": 1.5]
            let factor = factors[method] ?? 1
            let bound = factor * (Scalar.self == Double.self ? found.ulpsInDouble : found.ulps)
            var error = 0.0
            for i in 0..<5 {
              let exact = reference(gradients.map { Scalar.Wider($0[i]) }, Scalar.Wider(0.7 as Scalar)).map { [$0] }
              error = max(error, largestError(path.map { [$0[0][i]] }, exact, from: [0.7], slack: 0.5))
            }
            #expect(error <= bound, "\(scenario.description), \(Scalar.self), \(magnitude): \(error) ULPs")
          }
        }
      }
    }
    try check(Float.self)
    #if arch(x86_64) || arch(i386)
      try check(Double.self)
    #endif
  }

  /// The same for methods that see a parameter's shape or all parameters, except those that invert matrices of
  /// products, because such a gradient makes the matrices singular.
  @Test(arguments: Catalogue.methods.filter { $0.kind == .tensor || $0.kind == .vector }.map(\.name))
  func fittingSquaresOfModelsAreExact(method: String) throws {
    guard !["shampoo", "soap", "muon"].contains(method) else { return }
    func check<Scalar: CheckedScalar>(_: Scalar.Type) throws {
      for scenario in allCases(Scalar.Wider.self) {
        let (found, configured) = try scenario.configured()
        guard found.name == method, case .model(let reference) = scenario.reference else { continue }
        let (start, small) = try model(.noisy, Scalar.self, steps: 12)
        var gradients = small
        for p in modelShapes.indices { gradients[4][p][0] = Scalar.greatestFiniteMagnitude.squareRoot() / 256 }
        let path = try configured.trajectory(gradients, from: start)
        let first = try start.layout.blocks.map { try start.values(of: $0.name) }
        let exact = reference(
          gradients.map { $0.map { $0.map { Scalar.Wider($0) } } }, first.map { $0.map { Scalar.Wider($0) } },
          modelShapes)
        let bound = Scalar.self == Double.self ? found.ulpsInDouble : found.ulps
        for p in modelShapes.indices {
          let error = largestError(path.map { $0[p] }, exact.map { $0[p] }, from: first[p], slack: 0.5)
          #expect(error <= bound, "\(scenario.description), \(Scalar.self), \(modelShapes[p]): \(error) ULPs")
        }
      }
    }
    try check(Float.self)
    #if arch(x86_64) || arch(i386)
      try check(Double.self)
    #endif
  }

  @Test func adamGoesOnAfterOne() throws {
    let adam = try Catalogue.method(named: "adam", settings: [("lr", "0.01")])
    let path = try adam.method.configured(adam.settings).trajectory(
      [2e19, 0.1, 0.1].map { [[$0 as Float]] }, from: ParameterVector([1]))
    for (θ, expected) in zip(path, [0.99, 0.98330, 0.97812]) { #expect(abs(Double(θ[0][0]) - expected) < 1e-5) }
  }

  /// v stays at the largest number and then falls with β₂: in the end steps have length α again.
  @Test func averagesRecover() throws {
    func check<Scalar: LaneScalar>(_: Scalar.Type, steps: Int) throws {
      for large in [Scalar.greatestFiniteMagnitude, Scalar.greatestFiniteMagnitude.squareRoot() * 8] {
        var θ = try ParameterVector([0 as Scalar])
        var optimizer = try Optimizer(Adam<Scalar>(learningRate: 0.01, beta1: 0.5, beta2: 0.9), for: θ)
        for _ in 0..<5 { try optimizer.step(&θ, gradient: ParameterVector([large])) }
        let v = try optimizer.slot("adam/v").values[0]
        #expect(v > Scalar.greatestFiniteMagnitude / 2)
        // The step is not the gradient divided by the root of the largest number.
        #expect(abs(θ.values[0]) < 1)
        for _ in 0..<steps { try optimizer.step(&θ, gradient: ParameterVector([1])) }
        let before = θ.values[0]
        try optimizer.step(&θ, gradient: ParameterVector([1]))
        #expect(abs((before - θ.values[0]) / Scalar(0.01) - 1) < 0.01)
      }
    }
    // 0.9 to this power times the largest number is small.
    try check(Float.self, steps: 1000)
    try check(Double.self, steps: 7000)
  }
}
