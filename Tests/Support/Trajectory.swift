import Descent
import RealModule

/// A scalar with a wider type, in which a method's equations are evaluated to check the method.
public protocol CheckedScalar: LaneScalar, Real {
  associatedtype Wider: Real & BinaryFloatingPoint & Sendable
}

extension Float: CheckedScalar { public typealias Wider = Double }
#if arch(x86_64) || arch(i386)
  extension Double: CheckedScalar { public typealias Wider = Float80 }
#endif

/// θ after each step, for each element, from θ₀ = `start` everywhere; if the rule divides by a curvature, that is 1.
///
/// - Parameter returning: Put θ back to `start` before each step; then each result is `start` plus one step.
public func trajectory<Rule: PassRule>(
  of rule: Rule, gradients: [[Rule.Scalar]], from start: Rule.Scalar, returning: Bool = false
) throws -> [[Rule.Scalar]] where Rule.Scalar: LaneScalar {
  let first = try ParameterVector(Array(repeating: start, count: gradients[0].count))
  var θ = first
  var g = θ
  var optimizer = try Optimizer(rule, for: θ)
  if let slot = Rule.curvatureSlot {
    try optimizer.assign(ParameterVector(Array(repeating: 1, count: gradients[0].count)), toSlot: slot)
  }
  return try gradients.map { gradient in
    if returning { θ = first }
    try g.assign(gradient, to: "x")
    try optimizer.step(&θ, gradient: g)
    return try θ.values(of: "x")
  }
}
