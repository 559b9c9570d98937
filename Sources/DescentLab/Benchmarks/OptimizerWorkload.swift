import Descent
import DescentCatalogue

/// The optimizer of a timed step, and its number of parameters.
public struct OptimizerStep: Hashable, Sendable {
  /// Name and options: `adam:beta2=0.99,clip=1`.
  public var optimizer: String
  /// Elements of the vector, at least 1.
  public var parameters: Int
  /// Threads that share a step, at least 1.
  public var threads: Int
  /// The average kept beside the parameters, if any: `0.999`, `polyak`.
  public var average: String?
  /// λ of decoupled decay, which is multiplied by the learning rate.
  public var weightDecay: Double?
  /// The norm to which the gradient is scaled down. This takes an extra pass over the gradient.
  public var clipNorm: Double?
  /// Whether the rule's graph is run, in place of the compiled pass.
  public var isInterpreted: Bool

  public init(
    _ optimizer: String, parameters: Int, threads: Int = 1, average: String? = nil, weightDecay: Double? = nil,
    clipNorm: Double? = nil, isInterpreted: Bool = false
  ) {
    self.isInterpreted = isInterpreted
    self.optimizer = optimizer
    self.parameters = parameters
    self.threads = threads
    self.average = average
    self.weightDecay = weightDecay
    self.clipNorm = clipNorm
  }

  /// - Throws: ``RunError`` that names the option and what it may be.
  func checkNumbers() throws(RunError) {
    let most = 1 << 31
    guard 1...most ~= parameters else {
      throw .invalidOption("--parameters", value: "\(parameters)", allowed: "from 1 to \(most)")
    }
    guard 1...1024 ~= threads else {
      throw .invalidOption("--threads", value: "\(threads)", allowed: "from 1 to 1024")
    }
  }
}

/// An optimizer with parameters and a gradient of small random numbers, ready to step.
final class OptimizerWorkload {
  /// The optimizer with the values of all options.
  let spec: OptimizerSpec
  private var θ: ParameterVector<Float>
  private let g: ParameterVector<Float>
  private var optimizer: AnyOptimizer<Float>

  /// - Throws: An error that names the option at fault.
  init(_ step: OptimizerStep) throws {
    try step.checkNumbers()
    spec = try OptimizerSpec(parsing: step.optimizer)
    let method = try spec.configured(
      average: step.average, weightDecay: step.weightDecay, steps: 1_000_000,
      giving: spec.method.curvatureSlot == nil ? [] : [.curvatureDiagonal])
    let layout = try Self.layout(step.parameters, seesShapes: spec.kind == .tensor)
    θ = Self.noise(layout, "parameters")
    g = Self.noise(layout, "gradient")
    optimizer =
      step.isInterpreted
      ? try Self.interpreted(
        try spec.tracedRules(average: step.average, weightDecay: step.weightDecay).narrow, θ, step.threads)
      : try method.optimizer(for: θ, threads: step.threads)
    // Any curvature will do: its values do not change the time of a step.
    if let slot = optimizer.curvatureSlot {
      try optimizer.assign(g, toSlot: slot)
    }
    if let norm = step.clipNorm {
      guard norm > 0, norm.isFinite else {
        throw RunError.invalidOption("--clip-norm", value: "\(norm)", allowed: "positive")
      }
      optimizer.transforms.append(ClipByGlobalNorm(norm, threads: step.threads))
    }
  }

  private static func interpreted(
    _ rule: any ElementRule<Traced<Float>>, _ θ: ParameterVector<Float>, _ threads: Int
  ) throws -> AnyOptimizer<Float> {
    func open(_ rule: some ElementRule<Traced<Float>>) throws -> AnyOptimizer<Float> {
      AnyOptimizer(try Optimizer(Interpreted(rule), for: θ, threads: threads))
    }
    return try open(rule)
  }

  func step() throws { try optimizer.step(&θ, gradient: g) }

  /// The number of state vectors of an element-wise method, the average included; nil for other methods.
  static func slots(of step: OptimizerStep) throws -> Int? {
    let (method, _) = try Catalogue.method(named: try OptimizerSpec(parsing: step.optimizer).spec.name)
    guard method.kind == .element else { return nil }
    return Int(method.stateBytesPerParameter) / 4 + (step.average == nil ? 0 : 1)
  }

  /// A vector or, if the method sees shapes, as many 1024 × 1024 matrices as fit; a smaller matrix for fewer
  /// parameters.
  private static func layout(_ parameters: Int, seesShapes: Bool) throws -> ParameterLayout {
    guard seesShapes, parameters >= 4 else { return try ParameterLayout([("x", [parameters])]) }
    let side = min(1024, Int(Double(parameters).squareRoot()))
    let count = parameters / (side * side)
    let rest = parameters - count * side * side
    return try ParameterLayout((0..<count).map { ("x\($0)", [side, side]) } + (rest > 0 ? [("rest", [rest])] : []))
  }

  private static func noise(_ layout: ParameterLayout, _ name: String) -> ParameterVector<Float> {
    var vector = ParameterVector<Float>(zeros: layout)
    var stream = RandomStream(seed: 1, name: name)
    vector.withUnsafeMutableElements { all in
      for block in layout.blocks {
        let elements = UnsafeMutableBufferPointer(rebasing: all[block.elements])
        stream.fillUniform(elements)
        for i in elements.indices { elements[i] = 0.1 * (elements[i] - 0.5) }
      }
    }
    return vector
  }
}
