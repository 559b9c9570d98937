import Descent

/// A method with its options checked, ready to make optimizers.
public struct ConfiguredMethod: Sendable {
  /// Makes an optimizer of parameters that start at θ, with a number of threads.
  typealias Maker<Scalar: LaneScalar> = @Sendable (ParameterVector<Scalar>, Int) throws -> AnyOptimizer<Scalar>

  private let narrow: Maker<Float>
  private let wide: Maker<Double>
  /// Bytes of state for parameters of a layout, in `Float`.
  private let stateBytes: @Sendable (ParameterLayout) -> Double

  /// What the rule needs of the objective besides a gradient, with its options.
  private let ruleNeeds: Set<ObjectiveCapability>

  /// What an optimizer will need of the objective besides a gradient.
  public var needs: Set<ObjectiveCapability> {
    composition.sharpness == nil ? ruleNeeds : ruleNeeds.union([.otherPoints])
  }

  /// Transforms of the gradient, which take passes of their own, and where it is taken.
  private var composition = Method.Composition()

  init(
    narrow: @escaping Maker<Float>, wide: @escaping Maker<Double>, needs: Set<ObjectiveCapability>,
    stateBytes: @escaping @Sendable (ParameterLayout) -> Double
  ) {
    ruleNeeds = needs
    self.narrow = narrow
    self.wide = wide
    self.stateBytes = stateBytes
  }

  /// About how many bytes of state an optimizer of `Float` parameters of `layout` will have.
  public func stateByteCount(of layout: ParameterLayout) -> Double { stateBytes(layout) }

  /// An optimizer of parameters that start at `θ`.
  public func optimizer(
    for θ: ParameterVector<Float>, threads: Int = processorCount
  ) throws -> AnyOptimizer<Float> {
    complete(try narrow(θ, threads))
  }

  /// An optimizer of parameters that start at `θ`. A composed element-wise method is not specialized, but runs
  /// from the rule's graph.
  public func optimizer(
    for θ: ParameterVector<Double>, threads: Int = processorCount
  ) throws -> AnyOptimizer<Double> {
    complete(try wide(θ, threads))
  }

  func with(_ composition: Method.Composition) -> ConfiguredMethod {
    var method = self
    method.composition = composition
    return method
  }

  private func complete<Scalar>(_ optimizer: AnyOptimizer<Scalar>) -> AnyOptimizer<Scalar> {
    var optimizer = optimizer
    if composition.centralizes { optimizer.transforms.append(GradientCentralization()) }
    if let bound = composition.adaptiveClip { optimizer.transforms.append(AdaptiveGradientClipping(bound)) }
    optimizer.sharpness = composition.sharpness
    return optimizer
  }
}

extension ConfiguredMethod {
  /// An element-wise rule. The passes that a training makes are specialized; each costs 0.2 s to compile.
  @inline(__always)
  init<Rule: ElementRule<Float>, Wide: ElementRule<Double>>(
    _ rule: Rule, _ wide: Wide, traced: any ElementRule<Traced<Double>>, _ composition: Method.Composition
  ) throws(RuleError) {
    let stateBytes: @Sendable (ParameterLayout) -> Double = {
      Double(Rule.stateBytesPerParameter + 4 * composition.memoryCount) * Double($0.paddedCount)
    }
    if composition == Method.Composition() {
      self.init(narrow: try maker(rule), wide: try maker(wide), needs: rule.allNeeds, stateBytes: stateBytes)
      return
    }
    // The largest number is infinity as a Float: it clips nothing.
    let modified = rule.modified(by: composition).clipped(to: composition.clip ?? .greatestFiniteMagnitude)
    let narrow =
      if let average = composition.average {
        try maker(modified.averaged(average))
      } else if let lookahead = composition.lookahead {
        try maker(modified.lookingAhead(every: lookahead.period, rate: lookahead.rate))
      } else {
        try maker(modified)
      }
    let composed = traced.composed(with: composition)
    self.init(
      narrow: narrow, wide: { try makeInterpreted(composed, for: $0, threads: $1) }, needs: rule.allNeeds,
      stateBytes: stateBytes)
  }

  /// A rule that sees the parameters' shapes.
  @inline(__always)
  init<Rule: TensorRule<Float>, Wide: TensorRule<Double>>(
    tensor rule: Rule, _ wide: Wide, _ composition: Method.Composition
  ) throws(RuleError) {
    func composed<R: TensorRule>(_ rule: R) throws(RuleError) -> Maker<R.Scalar> {
      let rule = rule.modified(by: composition)
      if let average = composition.average { return try maker(tensor: rule.averaged(average)) }
      guard let lookahead = composition.lookahead else { return try maker(tensor: rule) }
      return try maker(tensor: rule.lookingAhead(every: lookahead.period, rate: lookahead.rate))
    }
    self.init(
      narrow: try composed(rule), wide: try composed(wide), needs: rule.allNeeds,
      stateBytes: { rule.stateByteCount(of: $0) + 4 * Double(composition.memoryCount * $0.paddedCount) })
  }

  /// A rule that sees all parameters at once, or asks its objective.
  @inline(__always)
  init<Rule: ObjectiveRule<Float>, Wide: ObjectiveRule<Double>>(
    whole rule: Rule, _ wide: Wide, _ composition: Method.Composition
  ) throws(RuleError) {
    func composed<R: ObjectiveRule>(_ rule: R) throws(RuleError) -> Maker<R.Scalar> {
      let rule = rule.modified(by: composition)
      if let average = composition.average { return try maker(whole: rule.averaged(average)) }
      guard let lookahead = composition.lookahead else { return try maker(whole: rule) }
      return try maker(whole: rule.lookingAhead(every: lookahead.period, rate: lookahead.rate))
    }
    self.init(
      narrow: try composed(rule), wide: try composed(wide), needs: rule.allNeeds,
      stateBytes: { rule.stateByteCount(of: $0) + 4 * Double(composition.memoryCount * $0.paddedCount) })
  }
}

extension SteppingRule {
  /// This rule with the decay and the penalty of `composition`.
  @inline(__always)
  func modified(by composition: Method.Composition) -> Penalized<Decayed<Self>> {
    decayed(by: composition.decay, coupling: composition.decayCoupling).penalized(by: composition.penalty)
  }
}

extension Method.Composition {
  /// How many vectors like θ an optimizer keeps for them.
  fileprivate var memoryCount: Int { (average == nil ? 0 : 1) + (lookahead == nil ? 0 : 1) }
}

// One for each kind of rule: each has an initializer that compiles the rule's pass.

@inline(__always)
private func maker<Rule: ElementRule>(_ rule: Rule) throws(RuleError) -> ConfiguredMethod.Maker<Rule.Scalar> {
  try rule.validate()
  return { AnyOptimizer(try Optimizer(rule, for: $0, threads: $1)) }
}

@inline(__always)
private func maker<Rule: TensorRule>(tensor rule: Rule) throws(RuleError) -> ConfiguredMethod.Maker<Rule.Scalar> {
  try rule.validate()
  return { AnyOptimizer(try Optimizer(rule, for: $0, threads: $1)) }
}

@inline(__always)
private func maker<Rule: ObjectiveRule>(whole rule: Rule) throws(RuleError) -> ConfiguredMethod.Maker<Rule.Scalar> {
  try rule.validate()
  return { AnyOptimizer(try Optimizer(rule, for: $0, threads: $1)) }
}

/// An optimizer of a rule whose type nobody knew while this was compiled.
@inline(never)
private func makeInterpreted(
  _ rule: any ElementRule<Traced<Double>>, for θ: ParameterVector<Double>, threads: Int
) throws -> AnyOptimizer<Double> {
  func make(_ rule: some ElementRule<Traced<Double>>) throws -> AnyOptimizer<Double> {
    AnyOptimizer(try Optimizer(Interpreted(rule), for: θ, threads: threads))
  }
  return try make(rule)
}

extension ElementRule {
  /// This rule with the parts of the composition that are made in its own pass.
  @inline(never)
  func composed(with composition: Method.Composition) -> any ElementRule<Scalar> {
    func remember(_ rule: some ElementRule<Scalar>) -> any ElementRule<Scalar> {
      if let average = composition.average { return rule.averaged(average) }
      guard let lookahead = composition.lookahead else { return rule }
      return rule.lookingAhead(every: lookahead.period, rate: lookahead.rate)
    }
    let modified = modified(by: composition)
    return if let bound = composition.clip { remember(modified.clipped(to: bound)) } else { remember(modified) }
  }
}
