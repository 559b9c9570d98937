import Descent

extension Method {
  /// The element-wise method, with the parts of the composition that are made in its own pass or in one beside it, to be read.
  ///
  /// - Throws: ``MethodError/notElementwise(method:kind:)``, or `RuleError` that names an option.
  package func tracedRules(
    _ settings: Settings = [], steps: Int? = nil, with composition: Composition = Composition()
  ) throws -> TracedRules {
    guard let tracedRules else { throw MethodError.notElementwise(method: name, kind: kind) }
    // The same checks as for an optimizer.
    _ = try configured(settings, steps: steps, with: composition)
    let rules = try tracedRules(settings, steps)
    return (Self.compose(rules.narrow, composition), Self.compose(rules.wide, composition))
  }

  private static func compose<Scalar: RuleScalar>(
    _ rule: any ElementRule<Scalar>, _ composition: Composition
  ) -> any ElementRule<Scalar> {
    func decay(_ rule: some ElementRule<Scalar>) -> any ElementRule<Scalar> {
      rule.decayed(by: composition.decay, coupling: composition.decayCoupling)
    }
    func penalize(_ rule: some ElementRule<Scalar>) -> any ElementRule<Scalar> {
      rule.penalized(by: composition.penalty)
    }
    func clip(_ rule: some ElementRule<Scalar>, _ bound: Double) -> any ElementRule<Scalar> { rule.clipped(to: bound) }
    func average(_ rule: some ElementRule<Scalar>, _ average: Average) -> any ElementRule<Scalar> {
      rule.averaged(average)
    }
    func lookAhead(_ rule: some ElementRule<Scalar>, _ lookahead: SlowWeights) -> any ElementRule<Scalar> {
      rule.lookingAhead(every: lookahead.period, rate: lookahead.rate)
    }
    // Only what was asked for: a decay of 0 would hide the rest.
    var rule = rule
    if composition.decay != 0 { rule = decay(rule) }
    if composition.penalty != 0 { rule = penalize(rule) }
    if let bound = composition.clip { rule = clip(rule, bound) }
    if let kept = composition.average { rule = average(rule, kept) }
    if let lookahead = composition.lookahead { rule = lookAhead(rule, lookahead) }
    return rule
  }
}
