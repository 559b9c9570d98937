/// What a rule does with its state and with a range of lanes. Only this part of an optimizer is compiled for each
/// rule, where its type is known. All else is compiled once, for any rule.
public struct ElementPass<Rule: PassRule>: Sendable {
  @usableFromInline
  typealias Update =
    @Sendable (
      _ rule: Rule, _ coefficients: Rule.Coefficients, _ gradientScale: Rule.Scalar, _ lanes: Range<Int>,
      _ parameters: UnsafeMutablePointer<Rule.Lane>, _ gradient: UnsafePointer<Rule.Lane>, _ state: Rule.Storage
    ) -> Void
  @usableFromInline
  typealias Say =
    @Sendable (
      _ rule: Rule, _ coefficients: Rule.Coefficients, _ gradientScale: Rule.Scalar, _ lanes: Range<Int>,
      _ parameters: UnsafePointer<Rule.Lane>, _ gradient: UnsafePointer<Rule.Lane>, _ state: Rule.Storage,
      _ message: UnsafeMutablePointer<Rule.Lane>
    ) -> Void
  @usableFromInline
  typealias Start = @Sendable (_ rule: Rule, _ parameters: ParameterVector<Rule.Scalar>) -> Rule.Storage

  @usableFromInline let update: Update
  @usableFromInline let start: Start
  /// The two halves of the step of a rule that says something else than its gradient: what it says, and what it does
  /// with the answer, which takes the place of the gradient.
  @usableFromInline let halves: (say: Say, hear: Update)?

  @inlinable @inline(__always)
  init(halves: (say: Say, hear: Update)?) {
    update = { rule, c, gradientScale, lanes, θ, g, state in
      rule.update(lanes: lanes, parameters: θ, gradient: g, gradientScale: gradientScale, state: state, c)
    }
    start = { rule, θ in rule.initialStorage(for: θ) }
    self.halves = halves
  }
}

extension PassRule {
  @inlinable @inline(__always)
  public static var pass: ElementPass<Self> { ElementPass(halves: nil) }
}

extension ElementRule {
  @inlinable @inline(__always)
  public static var pass: ElementPass<Self> {
    guard message != .gradient else { return ElementPass(halves: nil) }
    return ElementPass(
      halves: (
        say: { rule, c, scale, lanes, θ, g, state, message in
          let records = state.records
          for i in lanes {
            message[i] = rule.message(at: θ[i], gradient: (scale * g[i]).infinityAsNaN, state: &records[i], c)
          }
        },
        hear: { rule, c, _, lanes, θ, answer, state in
          let records = state.records
          for i in lanes {
            var x = θ[i]
            rule.apply(answer[i], to: &x, state: &records[i], c)
            θ[i] = x.finite
          }
        }
      ))
  }
}
