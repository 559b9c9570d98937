import Descent

extension Method {
  /// The element-wise method, with the additions that are made in its own pass or in one beside it, to be read.
  ///
  /// - Throws: ``MethodError/notElementwise(method:kind:)``, or `RuleError` that names an option.
  package func tracedRules(
    _ settings: Settings = [], steps: Int? = nil, with additions: Additions = Additions()
  ) throws -> TracedRules {
    guard let tracedRules else { throw MethodError.notElementwise(method: name, kind: kind) }
    // The same checks as for an optimizer.
    _ = try configured(settings, steps: steps, with: additions)
    let rules = try tracedRules(settings, steps)
    return (Self.compose(rules.narrow, additions), Self.compose(rules.wide, additions))
  }

  private static func compose<Scalar: RuleScalar>(
    _ rule: any UpdateRule<Scalar>, _ additions: Additions
  ) -> any UpdateRule<Scalar> {
    func decay(_ rule: some UpdateRule<Scalar>) -> any UpdateRule<Scalar> {
      rule.decayed(by: additions.decay, coupling: additions.decayCoupling)
    }
    func penalize(_ rule: some UpdateRule<Scalar>) -> any UpdateRule<Scalar> { rule.penalized(by: additions.penalty) }
    func clip(_ rule: some UpdateRule<Scalar>, _ bound: Double) -> any UpdateRule<Scalar> { rule.clipped(to: bound) }
    func average(_ rule: some UpdateRule<Scalar>, _ average: Average) -> any UpdateRule<Scalar> {
      rule.averaged(average)
    }
    func lookAhead(_ rule: some UpdateRule<Scalar>, _ lookahead: Lookahead) -> any UpdateRule<Scalar> {
      rule.lookingAhead(every: lookahead.period, rate: lookahead.rate)
    }
    // Only what was asked for: an addition of 0 would hide the rest.
    var rule = rule
    if additions.decay != 0 { rule = decay(rule) }
    if additions.penalty != 0 { rule = penalize(rule) }
    if let bound = additions.clip { rule = clip(rule, bound) }
    if let kept = additions.average { rule = average(rule, kept) }
    if let lookahead = additions.lookahead { rule = lookAhead(rule, lookahead) }
    return rule
  }
}
