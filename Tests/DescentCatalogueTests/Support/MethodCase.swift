import Descent
import DescentCatalogue
import RealModule
import TestSupport

/// A method with options, and its equations in a wider type.
struct MethodCase<T>: Sendable {
  let method: String
  let options: [(name: String, value: String)]
  let reference: Reference
  /// Whether a step depends on θ itself; if so, only the path is compared, not each step.
  let dependsOnθ: Bool
  /// Number of steps in a sequence; fewer if the equations themselves magnify rounding.
  let steps: Int

  enum Reference: Sendable {
    /// For one element: from its gradients and θ₀ to θ after each step.
    case element(@Sendable (_ gradients: [T], _ θ0: T) -> [T])
    /// For parameters of `shapes`, row-major: from the gradients of each step and θ₀ to θ after each step.
    case model(@Sendable (_ gradients: [[[T]]], _ θ0: [[T]], _ shapes: [[Int]]) -> [[[T]]])
  }

  /// A case of an element-wise method.
  init(
    _ method: String, _ options: KeyValuePairs<String, String> = [:], dependsOnθ: Bool = false,
    steps: Int = GradientSequence.steps, equations reference: @escaping @Sendable ([T], T) -> [T]
  ) {
    self.method = method
    self.options = options.map { (name: $0.key, value: $0.value) }
    self.dependsOnθ = dependsOnθ
    self.steps = steps
    self.reference = .element(reference)
  }

  /// A case of a method that sees shapes, or all parameters.
  init(
    _ method: String, _ options: KeyValuePairs<String, String> = [:], dependsOnθ: Bool,
    steps: Int = GradientSequence.steps,
    model reference: @escaping @Sendable ([[[T]]], [[T]], [[Int]]) -> [[[T]]]
  ) {
    self.method = method
    self.options = options.map { (name: $0.key, value: $0.value) }
    self.dependsOnθ = dependsOnθ
    self.steps = steps
    self.reference = .model(reference)
  }

  var description: String {
    ([method] + options.map { "\($0.name)=\($0.value)" }).joined(separator: " ")
  }

  /// The method without those of the composition that it refuses.
  func configured(withWhatItTakesOf composition: inout Method.Composition) throws -> (Method, ConfiguredMethod) {
    let method = try configured().0
    if method.obstacleToMoving != nil { composition.decay = 0 }
    if method.obstacleToLookahead != nil { composition.lookahead = nil }
    return try configured(with: composition)
  }

  func configured(with composition: Method.Composition = Method.Composition()) throws -> (Method, ConfiguredMethod) {
    let (method, settings) = try Catalogue.method(named: method, settings: options)
    return (method, try method.configured(settings, with: composition))
  }
}

extension ConfiguredMethod {
  /// An optimizer in either precision; if the method divides by a curvature, that is 1.
  func optimizer<Scalar: LaneScalar>(
    of θ: ParameterVector<Scalar>, threads: Int = 1
  ) throws -> AnyOptimizer<Scalar> {
    var made: AnyOptimizer<Scalar> =
      if let θ = θ as? ParameterVector<Float> {
        try optimizer(for: θ, threads: threads) as! AnyOptimizer<Scalar>
      } else {
        try optimizer(for: θ as! ParameterVector<Double>, threads: threads) as! AnyOptimizer<Scalar>
      }
    if let slot = made.curvatureSlot {
      var ones = ParameterVector<Scalar>(zeros: θ.layout)
      for block in θ.layout.blocks { try ones.assign(Array(repeating: 1, count: block.count), to: block.name) }
      try made.assign(ones, toSlot: slot)
    }
    return made
  }

  /// θ after each step, [step][parameter][element].
  ///
  /// - Parameter returning: Put θ back to where it started before each step.
  func trajectory<Scalar: LaneScalar>(
    _ gradients: [[[Scalar]]], from start: ParameterVector<Scalar>, returning: Bool = false
  ) throws -> [[[Scalar]]] {
    let names = start.layout.blocks.map(\.name)
    var θ = start
    var g = start
    var optimizer = try optimizer(of: θ)
    return try gradients.map { gradient in
      if returning { θ = start }
      for (name, values) in zip(names, gradient) { try g.assign(values, to: name) }
      try optimizer.step(&θ, gradient: g)
      return try names.map { try θ.values(of: $0) }
    }
  }
}
