import Descent

/// What is checked of every rule, whatever its type.
protocol RuleCheck {
  func check<Rule: UpdateRule>(_ rule: Rule) throws
}

/// Every rule with options that reach each of its paths, and compositions of rules.
func checkAllRules<Scalar: LaneScalar>(_: Scalar.Type, _ check: some RuleCheck) throws {
  try check.check(SGD<Scalar>(learningRate: .inverseSquareRoot(0.1)))
  try check.check(Momentum<Scalar>())
  try check.check(Momentum<Scalar>(dampening: 0.2, ratePlacement: .outside))
  try check.check(Nesterov<Scalar>(momentum: .linear(from: 0.5, to: 0.9, over: 20)))
  try check.check(Nesterov<Scalar>(ratePlacement: .outside))
  try check.check(AdaGrad<Scalar>())
  try check.check(AdaGrad<Scalar>(epsilon: 0, initialAccumulator: 0.1))
  try check.check(RMSProp<Scalar>())
  try check.check(RMSProp<Scalar>(epsilon: 0))
  try check.check(AdaDelta<Scalar>())
  try check.check(Adam<Scalar>())
  try check.check(Adam<Scalar>(epsilon: 0))
  try check.check(
    Adam<Scalar>(learningRate: .cosine(0.01, over: 30), beta1: .exponential(0.9, factor: 0.99), epsilonForm: .hat))
  try check.check(AdamW<Scalar>(schedule: .linear(from: 1, to: 0, over: 40)))
  try check.check(AdaMax<Scalar>())
  try check.check(AMSGrad<Scalar>())
  try check.check(AMSGrad<Scalar>(correction: .afterMaximum))
  try check.check(AMSGrad<Scalar>(correction: .beforeMaximum))
  try check.check(SGD<Scalar>().averaged(0.9))
  try check.check(Adam<Scalar>().decayed(by: 0.01).averaged(0.99))
  try check.check(Momentum<Scalar>().penalized(by: 0.01).clipped(to: 0.5).averaged(.polyak(from: 5)))
}
