import Descent

/// A method of the catalogue: what it is, its options, and how to make an optimizer of it from text.
public struct Method: Sendable {
  /// The letters and digits of its paper's name, in lower case.
  public let name: String
  /// One line.
  public let summary: String
  /// Authors, year and place of the equations.
  public let paper: String
  /// What a step sees.
  public let kind: Kind
  /// Bytes of state for each parameter, in `Float`; for a 1000 × 1000 matrix if it depends on the shape.
  public var stateBytesPerParameter: Double { stateBytes() }
  /// Whether a step depends on which extents of a parameter are inputs and which outputs.
  public let dependsOnAxes: Bool
  /// The options that it can be given.
  public let options: [Option]
  /// How far a step may be from the equations' exact value, in units in the last place, for every option.
  public let ulps: Double
  /// The same in `Double`. It is larger if the method always computes in `Double` and its equations magnify rounding.
  public let ulpsInDouble: Double
  /// Implementations that give the same numbers: `torch NAdam`, `optax adabelief`.
  public let peers: [String]

  /// The slot of the diagonal of the curvature, which an objective or the program gives; nil for a method that steps by
  /// gradients alone.
  public let curvatureSlot: String?
  /// What it needs of the objective besides a gradient with its default options, unless the program gives it in another
  /// way.
  public let needs: Set<ObjectiveCapability>
  /// Why weight decay and Lookahead may not move θ between two steps; nil if they may.
  public let obstacleToMoving: String?
  /// Why θ may not return to slow weights; nil if it may.
  public let obstacleToLookahead: String?

  package typealias Settings = [(name: String, value: String)]
  // Computed only on demand: such a matrix's state may take tens of megabytes.
  private let stateBytes: @Sendable () -> Double
  let configure: @Sendable (Settings, Int?, Composition) throws(RuleError) -> ConfiguredMethod
  let configureSum: (@Sendable (Settings, Int?) throws(RuleError) -> any SumMethod<Double>)?
  /// The rule of an element-wise method in both precisions, for callers that compose it without knowing its type.
  package private(set) var rules: (@Sendable (Settings) throws(RuleError) -> Rules)?

  package typealias Rules = (narrow: any ElementRule<Float>, wide: any ElementRule<Double>)
  /// The same rule over scalars that are recorded, to be read.
  package private(set) var tracedRules: (@Sendable (Settings, Int?) throws(RuleError) -> TracedRules)?

  package typealias TracedRules = (narrow: any ElementRule<Traced<Float>>, wide: any ElementRule<Traced<Double>>)

  /// What a step of a method sees.
  public enum Kind: Sendable, CustomStringConvertible {
    /// Every element separately, fused into one pass.
    case element
    /// Every parameter separately, with its shape.
    case tensor
    /// All parameters at once.
    case vector
    /// The objective: gradients at more points than one, for example.
    case objective
    /// A finite sum, of which it chooses the terms: values, or gradients of the same terms at two points.
    case sum

    /// In words.
    public var description: String {
      switch self {
      case .element: "every element for itself"
      case .tensor: "each parameter with its shape"
      case .vector: "all parameters at once"
      case .objective: "the objective, of which it asks more than a gradient"
      case .sum: "a finite sum, of which it chooses the terms (descent minimize)"
      }
    }
  }

  /// One option of a method.
  public struct Option: Hashable, Sendable, Codable {
    public let name: String
    public let standard: String
    public let domain: String
    public let summary: String
  }

  /// What a method is composed with: what happens to θ and the gradient besides its own step.
  public struct Composition: Hashable, Sendable, Codable {
    /// λ of decoupled decay: θ ← θ − α λ θ.
    public var decay: Double
    /// Whether α, the learning rate, multiplies λ.
    public var decayCoupling: DecayCoupling
    /// λ: the objective gains ½ λ ‖θ‖².
    public var penalty: Double
    /// The average of θ that is kept.
    public var average: Average?
    /// Slow weights that θ returns to every few steps; not with an average.
    public var lookahead: SlowWeights?
    /// Whether the gradient of each output's weights is made to sum to zero: `GradientCentralization`.
    public var centralizes = false
    /// λ > 0 of `AdaptiveGradientClipping`.
    public var adaptiveClip: Double?
    /// Whether each gradient is taken at the worst point near θ, of the same batch (SAM, ASAM).
    public var sharpness: SharpnessAware?
    /// c > 0: the magnitude that each element of the gradient is clipped to, in the method's own pass; for
    /// element-wise methods only.
    public var clip: Double?
    /// The format of a `Quantized` state; nil for the parameters' own format.
    public var state: StateFormat?

    public init(
      decay: Double = 0, decayCoupling: DecayCoupling = .learningRate, penalty: Double = 0, average: Average? = nil,
      lookahead: SlowWeights? = nil, centralizes: Bool = false, adaptiveClip: Double? = nil, clip: Double? = nil,
      state: StateFormat? = nil, sharpness: SharpnessAware? = nil
    ) {
      self.sharpness = sharpness
      self.state = state
      self.lookahead = lookahead
      self.centralizes = centralizes
      self.adaptiveClip = adaptiveClip
      self.clip = clip
      self.decay = decay
      self.decayCoupling = decayCoupling
      self.penalty = penalty
      self.average = average
    }
  }

  /// How the state of a method is stored in fewer bits than a `Float` has.
  public enum StateFormat: String, Codable, CaseIterable, Sendable {
    case block8, bfloat16
  }

  /// `Lookahead`'s options.
  public struct SlowWeights: Hashable, Sendable, Codable {
    /// k ≥ 1: steps between two synchronizations.
    public var period: Int
    /// α in [0, 1]: how far the slow weights go to the fast ones.
    public var rate: Double

    public init(period: Int = 5, rate: Double = 0.5) {
      self.period = period
      self.rate = rate
    }
  }

  /// The method with options given as text, if it is one for finite sums.
  /// - Throws: `RuleError` that names the option.
  public func sumMethod(
    _ settings: [(name: String, value: String)] = [], steps: Int? = nil
  ) throws(RuleError) -> (any SumMethod<Double>)? {
    try configureSum?(settings, steps)
  }

  /// The method with options given as text.
  ///
  /// - Parameters:
  ///   - settings: Names and values; `lr` and `eps` stand for `learningRate` and `epsilon`.
  ///   - steps: The run's number of steps, for schedules that do not give their own.
  ///   - composition: What the method is composed with.
  /// - Throws: `RuleError` that names the option: one that is unknown, out of range, given twice, or that changes nothing
  ///   unless others are set.
  public func configured(
    _ settings: [(name: String, value: String)] = [], steps: Int? = nil, with composition: Composition = Composition()
  ) throws(RuleError) -> ConfiguredMethod {
    func refused(_ option: String, _ problem: String) -> RuleError {
      .invalidOption(rule: name, option: option, problem: problem)
    }
    if let lookahead = composition.lookahead {
      if let obstacleToLookahead { throw refused("lookahead", "\(obstacleToLookahead): leave it out") }
      guard lookahead.period >= 1 else {
        throw refused("lookahead", "a period of \(lookahead.period) steps is less than 1")
      }
      guard 0...1 ~= lookahead.rate else {
        throw refused("lookaheadRate", "a rate of \(lookahead.rate) is not in [0, 1]")
      }
      guard composition.average == nil else {
        throw refused("lookahead", "the slow weights are an average themselves: give no other beside them")
      }
    }
    if let bound = composition.adaptiveClip, !(bound > 0 && bound.isFinite) {
      throw refused("adaptiveClip", "\(bound) is not in (0, ∞)")
    }
    try composition.sharpness?.validate()
    if let bound = composition.clip {
      guard bound > 0 && bound.isFinite else { throw refused("clip", "\(bound) is not in (0, ∞)") }
      guard kind == .element else {
        throw refused(
          "clip", "single elements are clipped in the pass of element-wise methods: clip the gradient's norm")
      }
    }
    var fused = Composition(
      decay: composition.decay, decayCoupling: composition.decayCoupling, penalty: composition.penalty,
      average: composition.average, lookahead: composition.lookahead, clip: composition.clip)
    if fused.decay == 0 { fused.decayCoupling = .learningRate }
    if let state = composition.state {
      guard let quantized = Catalogue.quantized[name] else {
        let names = Catalogue.quantized.keys.sorted().joined(separator: ", ")
        throw refused("state", "by name, the state of these alone is stored as \(state.rawValue): \(names)")
      }
      guard fused.average == nil else {
        throw refused("state", "with an average of the parameters, it is stored as it is: leave one of them out")
      }
      guard fused.clip == nil else {
        throw refused("state", "with clipped elements, it is stored as it is: leave one of them out")
      }
      return try quantized(settings, steps, fused, state).with(composition)
    }
    return try configure(settings, steps, fused).with(composition)
  }
}

extension Method {
  /// An element-wise method, given by its rule with the paper's options in both precisions, to be stepped and to be read.
  @inline(__always)
  init<Rule: ElementRule<Float>, Wide: ElementRule<Double>>(
    _ rule: Rule, _ wide: Wide, traced: any ElementRule<Traced<Float>>, _ tracedWide: any ElementRule<Traced<Double>>,
    paper: String, ulps: Double, ulpsInDouble: Double? = nil, peers: [String] = [],
    _ summary: String
  ) {
    self.init(
      rule, kind: .element, stateBytes: Double(Rule.stateBytesPerParameter), paper: paper, ulps: ulps,
      ulpsInDouble: ulpsInDouble, peers: peers, curvatureSlot: Rule.curvatureSlot,
      needs: rule.allNeeds, summary
    ) { settings, steps, composition throws(RuleError) in
      try ConfiguredMethod(
        try rule.with(settings, steps: steps), try wide.with(settings, steps: steps),
        traced: try tracedWide.with(settings, steps: steps), composition)
    }
    tracedRules = { settings, steps throws(RuleError) in
      (try traced.with(settings, steps: steps), try tracedWide.with(settings, steps: steps))
    }
    rules = { settings throws(RuleError) in
      (try rule.with(settings, steps: nil), try wide.with(settings, steps: nil))
    }
  }

  /// A method that steps every parameter separately.
  @inline(__always)
  init<Rule: TensorRule<Float>, Wide: TensorRule<Double>>(
    tensor rule: Rule, _ wide: Wide, paper: String, ulps: Double, ulpsInDouble: Double? = nil, peers: [String] = [],
    _ summary: String
  ) {
    self.init(
      rule, kind: .tensor, dependsOnAxes: Rule.dependsOnAxes,
      stateBytes: Self.stateBytes { try Optimizer(rule, for: $0).stateBytesPerParameter }, paper: paper, ulps: ulps,
      ulpsInDouble: ulpsInDouble, peers: peers, summary
    ) { settings, steps, composition throws(RuleError) in
      try ConfiguredMethod(
        tensor: try rule.with(settings, steps: steps), try wide.with(settings, steps: steps), composition)
    }
  }

  /// A method that steps all parameters as one, by their gradient or by what else it asks its objective for.
  @inline(__always)
  init<Rule: ObjectiveRule<Float>, Wide: ObjectiveRule<Double>>(
    whole rule: Rule, _ wide: Wide, paper: String, ulps: Double, peers: [String] = [], _ summary: String
  ) {
    self.init(
      rule, kind: Rule.self is any VectorRule.Type ? .vector : .objective, dependsOnAxes: Rule.dependsOnAxes,
      stateBytes: Self.stateBytes { try Optimizer(rule, for: $0).stateBytesPerParameter }, paper: paper, ulps: ulps,
      peers: peers, needs: rule.allNeeds, summary
    ) { settings, steps, composition throws(RuleError) in
      try ConfiguredMethod(
        whole: try rule.with(settings, steps: steps), try wide.with(settings, steps: steps), composition)
    }
  }

  /// A method that asks a finite sum for more than one gradient a step.
  ///
  /// - Parameter vectors: How many vectors like θ it remembers; NaN if that depends on the sum.
  init<Rule: SumMethod<Double>>(sum rule: Rule, vectors: Double, paper: String, _ summary: String) {
    self.init(
      rule, kind: .sum, stateBytes: 4 * vectors, paper: paper, ulps: .nan, peers: [], summary,
      sum: { settings, steps throws(RuleError) in try rule.with(settings, steps: steps) }
    ) { _, _, _ throws(RuleError) in
      throw .needsTerms(rule: Rule.name)
    }
  }

  private init<Rule: Configurable>(
    _ rule: Rule, kind: Kind, dependsOnAxes: Bool = false, stateBytes: @escaping @Sendable @autoclosure () -> Double,
    paper: String, ulps: Double, ulpsInDouble: Double? = nil, peers: [String], curvatureSlot: String? = nil,
    needs: Set<ObjectiveCapability> = [], _ summary: String,
    sum: (@Sendable (Settings, Int?) throws(RuleError) -> any SumMethod<Double>)? = nil,
    _ configure: @escaping @Sendable (Settings, Int?, Composition) throws(RuleError) -> ConfiguredMethod
  ) {
    name = Rule.name
    self.summary = summary
    self.paper = paper
    self.kind = kind
    self.dependsOnAxes = dependsOnAxes
    self.ulps = ulps
    self.ulpsInDouble = ulpsInDouble ?? ulps
    self.peers = peers
    self.stateBytes = stateBytes
    self.curvatureSlot = curvatureSlot
    self.needs = needs
    obstacleToMoving = Rule.obstacleToMoving
    obstacleToLookahead = Rule.obstacleToLookahead
    options = Rule.options.map {
      Option(name: $0.name, standard: $0.text(in: rule), domain: $0.domain, summary: $0.summary)
    }
    self.configure = configure
    configureSum = sum
  }

  /// What `body` says of a 1000 × 1000 matrix.
  private static func stateBytes(_ body: (ParameterVector<Float>) throws -> Double) -> Double {
    guard let layout = try? ParameterLayout([("dense.weight", [1000, 1000])]) else { return .nan }
    return (try? body(ParameterVector(zeros: layout))) ?? .nan
  }
}

extension SteppingRule {
  /// What an objective must give if the program assigns no curvature.
  var allNeeds: Set<ObjectiveCapability> { Self.curvatureSlot == nil ? needs : needs.union([.curvatureDiagonal]) }
}
