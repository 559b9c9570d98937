import Descent
import DescentCatalogue
import TestSupport
import Testing

/// ½ Σ wᵢ (xᵢ − 1)² + 0.1 (Σ (xᵢ − 1))² of two blocks, with all that an objective may give but layers; drawn labels double
/// the gradient. The curvature is a tenth too small, so that models do not fit to the last place.
private struct Bowl<Scalar: LaneScalar>: HessianObjective, GaussNewtonObjective, CurvatureDiagonalObjective,
  SampledGradientObjective
{
  var exampleCount: Int { 3 }

  static var layout: ParameterLayout {
    get throws { try ParameterLayout([("kernel", [3, 3, 2, 2]), ("bias", [3])]) }
  }

  private func multiply(_ v: ParameterVector<Scalar>, minus shift: Scalar, _ product: inout ParameterVector<Scalar>)
    throws
  {
    let sum = v.values.reduce(0) { $0 + ($1 - shift) } / 5
    for block in v.layout.blocks {
      let values = try v.values(of: block.name).enumerated().map { Scalar($0 + 2) / 8 * ($1 - shift) + sum }
      try product.assign(values, to: block.name)
    }
  }

  func value(at θ: ParameterVector<Scalar>, gradient: inout ParameterVector<Scalar>) throws -> Double {
    try multiply(θ, minus: 1, &gradient)
    return zip(θ.values, gradient.values).reduce(0) { $0 + 0.5 * Double($1.0 - 1) * Double($1.1) }
  }

  func value(
    at θ: ParameterVector<Scalar>, gradient: inout ParameterVector<Scalar>,
    sampledGradient: inout ParameterVector<Scalar>
  ) throws -> Double {
    let value = try value(at: θ, gradient: &gradient)
    sampledGradient = gradient
    sampledGradient.scale(by: 2)
    return value
  }

  func hessianProduct(
    at θ: ParameterVector<Scalar>, with v: ParameterVector<Scalar>, into product: inout ParameterVector<Scalar>
  ) throws {
    try multiply(v, minus: 0, &product)
    product.scale(by: 0.9)
  }

  func gaussNewtonProduct(
    at θ: ParameterVector<Scalar>, with v: ParameterVector<Scalar>, into product: inout ParameterVector<Scalar>
  ) throws {
    try multiply(v, minus: 0, &product)
    product.scale(by: 0.9)
  }

  func curvatureDiagonal(
    at θ: ParameterVector<Scalar>, _ form: CurvatureForm, into diagonal: inout ParameterVector<Scalar>
  ) throws {
    // That of the products, but for a part that grows with the distance from 0, and with the form.
    for block in θ.layout.blocks {
      let values = try θ.values(of: block.name).enumerated().map { i, x in
        0.9 * (Scalar(i + 2) / 8 + 0.2) + (form == .full ? 0.02 : 0.01) * x * x
      }
      try diagonal.assign(values, to: block.name)
    }
  }
}

/// What holds for every method that asks its objective for more than a gradient. (Methods that need layers
/// have tests of their own; `TrainerTests` trains with them by name.)
@Suite struct CurvatureMethodTests {
  private static let methods = Catalogue.objectiveMethods.filter { $0.needs.isSubset(of: Bowl<Float>.capabilities) }
  private static let composition = Method.Composition(
    decay: 0.01, penalty: 0.1, average: .exponential(0.9), sharpness: SharpnessAware(radius: 0.05))

  private func run<Scalar: LaneScalar>(
    _ optimizer: AnyOptimizer<Scalar>, from start: ParameterVector<Scalar>, steps: Int = 12
  ) throws -> (θ: ParameterVector<Scalar>, optimizer: AnyOptimizer<Scalar>) {
    var (θ, optimizer) = (start, optimizer)
    for _ in 0..<steps { try optimizer.step(&θ, on: Bowl<Scalar>()) }
    return (θ, optimizer)
  }

  private func start<Scalar: LaneScalar>(_: Scalar.Type) throws -> ParameterVector<Scalar> {
    var stream = RandomStream(seed: 2, name: "start")
    var θ = ParameterVector<Scalar>(zeros: try Bowl<Scalar>.layout)
    for block in θ.layout.blocks {
      try θ.assign((0..<block.count).map { _ in Scalar(3 * stream.normal()) }, to: block.name)
    }
    return θ
  }

  /// Every step is finite and comes nearer to the minimum, in both precisions, and with a composition around it.
  @Test(arguments: methods.map(\.name)) func everyMethodDescends(_ name: String) throws {
    let method = try Catalogue.method(named: name).method
    #expect(method.kind == .objective && method.needs.isEmpty == (name == "mbf"))
    for composition in [Method.Composition(), Self.composition] {
      let configured = try method.configured(with: composition)
      let (narrow, wide) = (try start(Float.self), try start(Double.self))
      let (single, double) = try (
        run(configured.optimizer(for: narrow), from: narrow), run(configured.optimizer(for: wide), from: wide)
      )
      var gradient = wide
      #expect(try Bowl().value(at: double.θ, gradient: &gradient) < Bowl().value(at: wide, gradient: &gradient))
      for (x, y) in zip(single.θ.values, double.θ.values) { #expect(abs(Double(x) - y) < 2e-3 * (1 + abs(y))) }
      #expect((double.optimizer.average != nil) == (composition.average != nil))
    }
  }

  /// A run that is interrupted goes on with the same bits, whatever the options of the optimizer that goes on.
  @Test(arguments: methods.map(\.name)) func everyMethodGoesOnFromACheckpoint(_ name: String) throws {
    let method = try Catalogue.method(named: name).method
    for composition in [Method.Composition(), Self.composition] {
      let configured = try method.configured(with: composition)
      let θ = try start(Float.self)
      #expect(
        try resumesExactly(
          configured.optimizer(for: θ), remake: { try configured.optimizer(for: θ) }, from: θ, steps: 14,
          on: Bowl<Float>()))
      let byName = try configured.optimizer(for: θ, threads: 3)
      #expect(try run(byName, from: θ).θ == run(configured.optimizer(for: θ, threads: 1), from: θ).θ)
    }
  }

  /// For each option a value, and others beside it, with which the path differs from that without it.
  private static let effects: [String: [String: (value: String, beside: [(String, String)])]] = [
    "hessianfree": [
      "learningRate": ("0.5", []), "damping": ("1", []), "decay": ("0", [("iterations", "2")]), "iterations": ("1", []),
      "tolerance": ("0.09", [("damping", "0")]),
    ],
    "trustregion": [
      "learningRate": ("0.5", []), "maximumRadius": ("0.5", []), "radius": ("0.25", []), "acceptance": ("0.99", []),
      "tolerance": ("0.01", [("radius", "50")]), "iterations": ("1", [("radius", "50")]),
    ],
    "naturalnewton": [
      "learningRate": ("0.5", []), "decay": ("0.5", []), "bound": ("0", []), "mu": ("1", []),
      "curvatureInterval": ("3", []), "curvatureForm": ("full", []),
    ],
    "vsgdb": [
      "learningRate": ("0.5", []), "blocks": ("all", []), "slowStart": ("3", []), "initialMemory": ("3", []),
      "mu": ("0.1", []), "curvatureInterval": ("3", []), "curvatureForm": ("full", []),
    ],
    "cubicnewton": ["learningRate": ("0.5", []), "rho": ("2", [])],
    "scrn": [
      "learningRate": ("0.5", []), "rho": ("2", []), "ell": ("20", []), "iterations": ("3", [("ell", "20")]),
      "perturbation": ("0.1", [("ell", "20")]), "seed": ("5", [("ell", "20")]),
    ],
    "levenbergmarquardt": [
      "learningRate": ("0.5", []), "damping": ("1", []), "factor": ("3", []), "scalesByDiagonal": ("true", []),
    ],
    "sophiag": [
      "learningRate": ("0.01", []), "beta1": ("0.5", []), "beta2": ("0.5", []), "rho": ("3", []),
      "epsilon": ("30", []), "curvatureInterval": ("3", []),
    ],
    "sophiah": [
      "learningRate": ("0.01", []), "beta1": ("0.5", []), "beta2": ("0.5", []), "rho": ("100", []),
      "epsilon": ("30", []), "curvatureInterval": ("3", []), "seed": ("1", []),
    ],
    "adahessian": [
      "learningRate": ("0.01", []), "beta1": ("0.5", []), "beta2": ("0.5", []), "epsilon": ("1", []),
      "power": ("0.5", []), "averagesKernels": ("false", []), "seed": ("1", []),
    ],
  ]

  /// Every option of every method changes the path, and its standard value, as text, does not.
  @Test(arguments: effects.keys.sorted()) func everyOptionHasAnEffect(_ name: String) throws {
    let method = try Catalogue.method(named: name).method
    let effects = try #require(Self.effects[name])
    #expect(Set(effects.keys) == Set(method.options.map(\.name)))
    let θ = try start(Double.self)
    // Sophia's second estimate, and ends near the minimum, need more steps and a larger rate.
    let common = name.hasPrefix("sophia") ? [("learningRate", "0.1"), ("rho", "20")] : []
    func path(_ settings: [(String, String)]) throws -> [ParameterVector<Double>] {
      let given = settings + common.filter { pair in !settings.contains { $0.0 == pair.0 } }
      let configured = try method.configured(given.map { (name: $0.0, value: $0.1) })
      var (x, optimizer) = (θ, try configured.optimizer(for: θ))
      return try (1...8).map { _ in
        try optimizer.step(&x, on: Bowl<Double>())
        return x
      }
    }
    let standard = method.options.filter { option in !common.contains { $0.0 == option.name } }
    #expect(try path(standard.map { ($0.name, $0.standard) }) == path([]))
    for (option, effect) in effects {
      #expect(try path(effect.beside + [(option, effect.value)]) != path(effect.beside), "\(option)")
    }
  }

  /// SAM by name is the optimizer's setting.
  @Test func sharpnessByName() throws {
    let θ = try start(Float.self)
    let sharpness = SharpnessAware(radius: 0.5, isAdaptive: true)
    let method = try Catalogue.method(named: "adam").method
    let byName = try method.configured(with: Method.Composition(sharpness: sharpness)).optimizer(for: θ)
    #expect(byName.sharpness == sharpness && byName.needs == [.otherPoints])
    var own = try method.configured().optimizer(for: θ)
    own.sharpness = sharpness
    #expect(try run(byName, from: θ).θ == run(own, from: θ).θ)
    #expect(throws: RuleError.self) {
      try method.configured(with: Method.Composition(sharpness: SharpnessAware(radius: -1)))
    }
  }
}
