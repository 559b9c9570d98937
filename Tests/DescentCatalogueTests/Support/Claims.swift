import Descent
import TestSupport
import Testing

/// The gradients of one element over 200 steps.
let noisyGradients = GradientSequence.noisy.gradients(Double.self).map { $0[3] }

/// θ of one element after each step.
func path<Rule: ElementRule>(_ rule: Rule, _ gradients: [Double], from θ0: Double = 0) throws -> [Double]
where Rule.Scalar == Double {
  try trajectory(of: rule, gradients: gradients.map { [$0] }, from: θ0).map { $0[0] }
}

/// The step −Δ of one element for each gradient; θ is put back to zero before each.
func steps<Rule: ElementRule>(of rule: Rule, _ gradients: [Double]) throws -> [Double] where Rule.Scalar == Double {
  try trajectory(of: rule, gradients: gradients.map { [$0] }, from: 0, returning: true).map { -$0[0] }
}

/// The first step as a multiple of α, for the gradient `g`. If α is nil, the rule says what it is.
func firstStep<Rule: ElementRule>(of rule: Rule, α: Double? = nil, g: Double = 2) throws -> Double
where Rule.Scalar == Double {
  try steps(of: rule, [g])[0] / (α ?? rule.learningRate(at: 1))
}

func expectFirstStep<Rule: ElementRule>(
  of rule: Rule, _ multiple: Double, α: Double? = nil, g: Double = 2, within tolerance: Double = 1e-12,
  sourceLocation: SourceLocation = #_sourceLocation
) throws where Rule.Scalar == Double {
  let first = try firstStep(of: rule, α: α, g: g)
  #expect(abs(first - multiple) <= tolerance, "\(Rule.self): \(first)", sourceLocation: sourceLocation)
}

/// The sum of the weights of the gradients in m̂ is 1, and of their squares in v̂: a constant gradient makes steps of
/// α = 0.001.
func expectUnitSteps<Rule: ElementRule>(
  of rule: Rule, count: Int = 3000, sourceLocation: SourceLocation = #_sourceLocation
) throws where Rule.Scalar == Double {
  for g in [3.0, -1e-5] {
    for step in try steps(of: rule, Array(repeating: g, count: count)) {
      #expect(abs(step / (g < 0 ? -0.001 : 0.001) - 1) < 1e-13, sourceLocation: sourceLocation)
    }
  }
}

/// With options that switch off what is new in `rule`, `other` remains, with the same bits.
func expectSameBits<Rule: ElementRule, Other: ElementRule>(
  of rule: Rule, asOf other: Other, sourceLocation: SourceLocation = #_sourceLocation
) throws where Rule.Scalar: LaneScalar, Other.Scalar == Rule.Scalar {
  for sequence in GradientSequence.allCases {
    let gradients = sequence.gradients(Rule.Scalar.self)
    let path = try trajectory(of: rule, gradients: gradients, from: 0.5)
    let expected = try trajectory(of: other, gradients: gradients, from: 0.5)
    #expect(path == expected, "\(sequence)", sourceLocation: sourceLocation)
  }
}

/// A number of the state of one element after one step with the gradient 2.
func stateAfterOneStep<Rule: ElementRule>(_ rule: Rule, _ slot: String) throws -> Double where Rule.Scalar == Double {
  var θ = try ParameterVector([0.0])
  var optimizer = try Optimizer(rule, for: θ)
  try optimizer.step(&θ, gradient: ParameterVector([2.0]))
  return try optimizer.slot(Rule.name + "/" + slot).values[0]
}

/// The mean length of the last hundred of 200 steps of one element.
func meanStep<Rule: ElementRule>(_ rule: Rule, _ gradients: [Double]) throws -> Double where Rule.Scalar == Double {
  let path = try path(rule, gradients)
  return zip(path.dropFirst(100), path.dropFirst(99)).map { abs($0 - $1) }.reduce(0, +) / 100
}

/// θ after single steps t, each from a checkpoint of before it, with the gradients of ``noisyGradients``.
func resumedSteps<Rule: ElementRule>(_ rule: Rule, at steps: [Int]) throws -> [Double] where Rule.Scalar == Double {
  var θ = try ParameterVector([1.0])
  var optimizer = try Optimizer(rule, for: θ)
  var checkpoints = [try optimizer.checkpoint(θ)]
  for g in noisyGradients {
    try optimizer.step(&θ, gradient: ParameterVector([g]))
    checkpoints.append(try optimizer.checkpoint(θ))
  }
  return try steps.map { t in
    try optimizer.restore(checkpoints[t - 1], into: &θ)
    try optimizer.step(&θ, gradient: ParameterVector([noisyGradients[t - 1]]))
    return θ.values[0]
  }
}
