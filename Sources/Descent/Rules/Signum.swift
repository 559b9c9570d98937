/// Signum: the sign of the mean gradient (Bernstein, Wang, Azizzadenesheli & Anandkumar 2018, Algorithm 2).
///
///     m ← β m + (1 − β) g
///     θ ← θ − α sign(m)
///
/// First step: α sign(g). The scale of m does not matter, so there is no bias to correct. With β = 0 it is ``SignSGD``.
///
/// Weight decay: the authors' code adds λ θ to g (`penalized(by:)`) or decays θ (`decayed(by:)`).
public struct Signum<Scalar: RuleScalar>: ElementRule {
  /// α ≥ 0.
  public var learningRate: Schedule
  /// β in [0, 1).
  public var beta: Schedule
  /// The value of sign(0).
  public var zeroSign: ZeroSign

  public init(learningRate: Schedule = 1e-4, beta: Schedule = 0.9, zeroSign: ZeroSign = .zero) {
    self.learningRate = learningRate
    self.beta = beta
    self.zeroSign = zeroSign
  }

  @frozen public struct State: BitwiseCopyable { public var m: Scalar.Lane }

  @inlinable public static var slotKinds: SlotKinds { .signed }

  @frozen public struct Coefficients: Sendable {
    @usableFromInline var α, oneMinusβ, ofZero: Scalar
  }

  public func coefficients(at t: Int) -> Coefficients {
    Coefficients(α: Scalar(learningRate(at: t)), oneMinusβ: Scalar(beta.oneMinus(at: t)), ofZero: zeroSign.value())
  }

  @inlinable public static var message: Message { .sign }

  @inlinable @inline(__always)
  public func message(at θ: Lane, gradient g: Lane, state s: inout State, _ c: Coefficients) -> Lane {
    s.m.decay(toward: g, by: c.oneMinusβ)
    return Scalar.sign(s.m, ofZero: c.ofZero, unlessZero: θ)
  }

  @inlinable @inline(__always)
  public func apply(_ vote: Lane, to θ: inout Lane, state: inout State, _ c: Coefficients) { θ -= c.α * vote }

  @inlinable @inline(__always)
  public func update(_ θ: inout Lane, gradient g: Lane, state s: inout State, _ c: Coefficients) {
    let vote = message(at: θ, gradient: g, state: &s, c)
    apply(vote, to: &θ, state: &s, c)
  }

  public static var options: [RuleOption<Self>] {
    [
      .schedule("learningRate", \.learningRate, in: .nonNegative, "α: step size"),
      .schedule("beta", \.beta, in: .unit, "β: decay of the mean gradient"),
      .choice("zeroSign", \.zeroSign, "sign(0): zero, or positive as one bit a sign has it"),
    ]
  }
}
