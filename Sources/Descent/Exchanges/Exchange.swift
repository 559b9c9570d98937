/// With whom a step speaks: other optimizers that step copies of the same parameters by other examples.
///
/// A step has two halves: what its rule says to the others, and what it does with their answer. Most rules say their
/// gradient, and step by the mean of all gradients. A rule may say something else (``ElementRule/message``): Signum says
/// one sign for each element, and moves by the majority's.
///
/// With nobody else there the answer is what was said, and the step is that of an optimizer without an exchange, bit for
/// bit. All optimizers must make the same steps: each waits for the others' messages. Transforms see the mean of the
/// gradients, or, where signs are said, the optimizer's own gradient: one that skips a step there leaves the others
/// waiting.
public protocol Exchange<Scalar>: Sendable {
  associatedtype Scalar: LaneScalar

  /// Replaces `message`, which this optimizer says, by the answer, which is the same for all of them.
  mutating func exchange(_ message: inout ParameterVector<Scalar>, as kind: Message) throws
}

/// What a rule says to others, and so what the answer is.
public enum Message: Sendable {
  /// A gradient; the answer is the mean.
  case gradient
  /// Signs −1, 0 and 1; the answer is the sign of their sum, a majority vote.
  case sign
}

/// Why an exchange is refused.
public enum ExchangeError: Error, Hashable, CustomStringConvertible {
  /// The rule says something else than its gradient, and its step is not compiled in halves.
  case undivided(rule: String)

  public var description: String {
    switch self {
    case .undivided(let rule):
      "\(rule) says signs to others, and its step cannot be divided with a quantized or an interpreted state: step it "
        + "with its own type, in its own pass"
    }
  }
}
