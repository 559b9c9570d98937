/// Gradient descent by the gradient's sign alone (Bernstein, Wang, Azizzadenesheli & Anandkumar 2018, Algorithm 1).
///
///     θ ← θ − α sign(g)
///
/// First step: α sign(g). No state. The paper's theory has α = 1 / √(‖L‖₁ K) for K steps with batches of K.
///
/// sign(0) is 0 (``ZeroSign``). An infinite gradient gives NaN, as in all methods: its sign cannot be trusted.
public struct SignSGD<Scalar: RuleScalar>: ElementRule {
  /// α ≥ 0.
  public var learningRate: Schedule
  /// The value of sign(0).
  public var zeroSign: ZeroSign

  public init(learningRate: Schedule = 1e-4, zeroSign: ZeroSign = .zero) {
    self.learningRate = learningRate
    self.zeroSign = zeroSign
  }

  public struct State: BitwiseCopyable {}

  @frozen public struct Coefficients: Sendable {
    @usableFromInline var α, ofZero: Scalar
  }

  public func coefficients(at t: Int) -> Coefficients {
    Coefficients(α: Scalar(learningRate(at: t)), ofZero: zeroSign.value())
  }

  @inlinable public static var message: Message { .sign }

  @inlinable @inline(__always)
  public func message(at θ: Lane, gradient g: Lane, state: inout State, _ c: Coefficients) -> Lane {
    Scalar.sign(g, ofZero: c.ofZero, unlessZero: θ)
  }

  @inlinable @inline(__always)
  public func apply(_ vote: Lane, to θ: inout Lane, state: inout State, _ c: Coefficients) { θ -= c.α * vote }

  @inlinable @inline(__always)
  public func update(_ θ: inout Lane, gradient g: Lane, state: inout State, _ c: Coefficients) {
    let vote = message(at: θ, gradient: g, state: &state, c)
    apply(vote, to: &θ, state: &state, c)
  }

  public static var options: [RuleOption<Self>] {
    [
      .schedule("learningRate", \.learningRate, in: .nonNegative, "α: step size"),
      .choice("zeroSign", \.zeroSign, "sign(0): zero, or positive as one bit a sign has it"),
    ]
  }
}

/// The value of sign(0).
public enum ZeroSign: String, Codable, CaseIterable, Sendable {
  /// sign(0) = 0: a coordinate without a gradient stays.
  case zero
  /// sign(0) = +1, as in signSGD with majority vote, which sends a sign as one bit. Only an element that is itself 0
  /// stays, such as the padding between parameters.
  case positive

  func value<Scalar: RuleScalar>() -> Scalar { self == .positive ? 1 : 0 }
}

extension RuleScalar {
  /// The sign of x; if x is 0 it is `ofZero`, or 0 if θ is 0 too.
  @inlinable @inline(__always)
  static func sign(_ x: Lane, ofZero: Self, unlessZero θ: Lane) -> Lane {
    let sign = Self.sign(x)
    if ofZero == 0 { return sign }
    let isNonZero = magnitude(Self.sign(θ))
    return sign + ofZero * isNonZero * (1 - magnitude(sign))
  }
}
