import Descent
import TestSupport

/// The checks of a rule, whatever its type.
protocol RuleCheck {
  func check<Rule: ElementRule>(_ rule: Rule) throws where Rule.Scalar: LaneScalar
}

/// A rule for each kind of state, and compositions of rules. (The catalogue's tests check all methods.)
func checkAllRules<Scalar: LaneScalar>(_: Scalar.Type, _ check: some RuleCheck) throws {
  try check.check(SGD<Scalar>(learningRate: .inverseSquareRoot(0.1)))
  try check.check(SGD<Scalar>().averaged(0.9))
  try check.check(Adam<Scalar>().decayed(by: 0.01).averaged(0.99))
  try check.check(Momentum<Scalar>().penalized(by: 0.01).clipped(to: 0.5).averaged(.polyak(from: 5)))
}
