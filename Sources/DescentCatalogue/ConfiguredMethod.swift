import Descent

/// A method with its options checked, ready to make optimizers.
public struct ConfiguredMethod: Sendable {
  private let narrow: @Sendable (ParameterVector<Float>, Int) throws -> any Stepper<Float>
  private let wide: @Sendable (ParameterVector<Double>, Int) throws -> any Stepper<Double>
  /// Bytes of state for parameters of a layout, in `Float`.
  private let stateBytes: @Sendable (ParameterLayout) -> Double

  /// Additions that take passes of their own.
  private var additions = Method.Additions()

  init(
    narrow: @escaping @Sendable (ParameterVector<Float>, Int) throws -> any Stepper<Float>,
    wide: @escaping @Sendable (ParameterVector<Double>, Int) throws -> any Stepper<Double>,
    stateBytes: @escaping @Sendable (ParameterLayout) -> Double
  ) {
    self.narrow = narrow
    self.wide = wide
    self.stateBytes = stateBytes
  }

  /// About how many bytes of state an optimizer of `Float` parameters of `layout` will have.
  public func stateByteCount(of layout: ParameterLayout) -> Double {
    stateBytes(layout) + (additions.lookahead == nil ? 0 : 4 * Double(layout.paddedCount))
  }

  /// An optimizer of parameters that start at `θ`.
  public func optimizer(
    for θ: ParameterVector<Float>, threads: Int = processorCount
  ) throws -> AnyOptimizer<Float> {
    complete(AnyOptimizer(try narrow(θ, threads)), from: θ)
  }

  /// An optimizer of parameters that start at `θ`. With additions it is not specialized, but runs from the rule's graph.
  public func optimizer(
    for θ: ParameterVector<Double>, threads: Int = processorCount
  ) throws -> AnyOptimizer<Double> {
    complete(AnyOptimizer(try wide(θ, threads)), from: θ)
  }

  func with(_ additions: Method.Additions) -> ConfiguredMethod {
    var method = self
    method.additions = additions
    return method
  }

  private func complete<Scalar>(
    _ optimizer: AnyOptimizer<Scalar>, from θ: ParameterVector<Scalar>
  ) -> AnyOptimizer<Scalar> {
    if additions.centralizes { optimizer.transforms.append(GradientCentralization()) }
    if let bound = additions.adaptiveClip { optimizer.transforms.append(AdaptiveGradientClipping(bound)) }
    if let lookahead = additions.lookahead { optimizer.lookAhead(lookahead, from: θ) }
    return optimizer
  }

  /// An element-wise rule. The passes that a training makes are specialized; each costs 0.2 s to compile.
  @inline(__always)
  init<Rule: UpdateRule<Float>, Wide: UpdateRule<Double>>(
    _ rule: Rule, _ wide: Wide, traced: any UpdateRule<Traced<Double>>, _ additions: Method.Additions
  ) throws(RuleError) {
    let perElement = Double(Rule.stateBytesPerParameter + (additions.average == nil ? 0 : 4))
    stateBytes = { perElement * Double($0.paddedCount) }
    if additions.decay == 0 && additions.penalty == 0 && additions.clip == nil {
      narrow = try maker(rule, additions.average)
    } else {
      // The largest number is infinity as a Float: it clips nothing.
      narrow = try maker(
        rule.decayed(by: additions.decay, coupling: additions.decayCoupling).penalized(by: additions.penalty)
          .clipped(to: additions.clip ?? .greatestFiniteMagnitude),
        additions.average)
    }
    if additions == Method.Additions() {
      self.wide = { try Optimizer(wide, for: $0, threads: $1) }
    } else {
      let composed = traced.composed(with: additions)
      self.wide = { try makeInterpreted(composed, for: $0, threads: $1) }
    }
  }

  @inline(__always)
  init<Rule: VectorRule<Float>, Wide: VectorRule<Double>>(
    _ rule: Extended<Rule>, _ wide: Extended<Wide>
  ) {
    stateBytes = { rule.stateByteCount(of: $0) }
    narrow = { try VectorOptimizer(rule, for: $0, threads: $1) }
    self.wide = { try VectorOptimizer(wide, for: $0, threads: $1) }
  }
}

@inline(__always)
private func maker<Rule: UpdateRule<Float>>(
  _ rule: Rule, _ average: Average?
) throws(RuleError) -> @Sendable (ParameterVector<Float>, Int) throws -> any Stepper<Float> {
  try rule.validate()
  guard let average else { return { try Optimizer(rule, for: $0, threads: $1) } }
  let rule = rule.averaged(average)
  try rule.validate()
  return { try Optimizer(rule, for: $0, threads: $1) }
}

/// An optimizer of a rule whose type nobody knew while this was compiled.
@inline(never)
private func makeInterpreted(
  _ rule: any UpdateRule<Traced<Double>>, for θ: ParameterVector<Double>, threads: Int
) throws -> any Stepper<Double> {
  func make(_ rule: some UpdateRule<Traced<Double>>) throws -> any Stepper<Double> {
    try Optimizer(Interpreted(rule), for: θ, threads: threads)
  }
  return try make(rule)
}

extension UpdateRule {
  /// This rule with those of the additions that are made in its own pass.
  @inline(never)
  func composed(with additions: Method.Additions) -> any UpdateRule<Scalar> {
    let decayed = decayed(by: additions.decay, coupling: additions.decayCoupling).penalized(by: additions.penalty)
    return switch (additions.clip, additions.average) {
    case (let bound?, let average?): decayed.clipped(to: bound).averaged(average)
    case (let bound?, nil): decayed.clipped(to: bound)
    case (nil, let average?): decayed.averaged(average)
    case (nil, nil): decayed
    }
  }
}

extension VectorRule {
  /// This rule with the given additions.
  func extended(by additions: Method.Additions) throws(RuleError) -> Extended<Self> {
    var rule = Extended(self)
    rule.weightDecay = additions.decay
    rule.decayCoupling = additions.decayCoupling
    rule.penalty = additions.penalty
    rule.average = additions.average
    try rule.validate()
    return rule
  }
}
