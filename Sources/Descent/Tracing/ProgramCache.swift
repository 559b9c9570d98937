import Synchronization

/// The programs of a rule, one for each choice of its coefficients that has come up.
///
/// A memory, not part of the rule's value: it is neither stored nor compared, and copies of the rule share it.
final class ProgramCache<Scalar: LaneScalar>: Sendable {
  /// The whole pass, for gradients as they are and for gradients with a factor.
  struct Programs: Sendable {
    let plain, scaled: BlockProgram
  }

  private struct Contents {
    var fields: CoefficientFields<Scalar>?
    var known: [(trace: RuleTrace<Scalar>, programs: Programs)] = []
  }
  private let contents = Mutex(Contents())

  /// The coefficients of step t of `rule`, with the programs that they choose.
  func coefficients<Rule: ElementRule>(
    of rule: Rule, at t: Int
  ) throws(RuleError) -> Interpreted<Rule, Scalar>.Coefficients where Rule.Scalar == Traced<Scalar> {
    let c = rule.coefficients(at: t)
    return try contents.withLock { contents throws(RuleError) in
      let fields =
        if let fields = contents.fields { fields } else {
          try CoefficientFields<Scalar>(of: c, rule: Rule.name)
        }
      contents.fields = fields
      let values = fields.values(of: c)
      if let known = contents.known.first(where: { $0.trace.holds(for: values) }) {
        return .init(programs: known.programs, scalars: values.scalars)
      }
      let plain = try RuleTrace(of: rule, c, fields, part: .pass(isScaled: false))
      let scaled = try RuleTrace(of: rule, c, fields, part: .pass(isScaled: true))
      let programs = Programs(
        plain: BlockProgram(plain.graph, for: Scalar.self), scaled: BlockProgram(scaled.graph, for: Scalar.self))
      contents.known.append((plain, programs))
      return .init(programs: programs, scalars: values.scalars)
    }
  }
}
