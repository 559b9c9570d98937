/// A scalar that depends on the step t = 1, 2, …: a learning rate, or a β or λ that changes.
///
/// A pure function of t: nothing is counted up, so a run that is resumed, or that jumps to another step, uses exactly
/// the same values. It can be read (``callAsFunction(at:)``) and replaced while training.
///
/// Step 1 always uses the initial value; a schedule *over n steps* reaches its final value at step n + 1 and keeps it.
/// (torch and optax count t − 1 = 0, 1, …: their step 0 is step 1 here.) A warm-up of n steps uses the fraction t ÷ n,
/// so that its first step is not zero and step n has the full value.
///
/// ```swift
/// var adam = Adam<Float>()
/// adam.learningRate = .warmup(500, then: .cosine(1e-3, over: 10_000))
/// ```
///
/// A number is a schedule that never changes. For a schedule of your own, see ``ScheduleFunction``.
public struct Schedule: Sendable {
  /// The function of t.
  public let function: any ScheduleFunction

  /// The schedule with the values of `function`.
  public init(_ function: some ScheduleFunction) { self.function = function }

  /// The value at step t = 1, 2, …
  public func callAsFunction(at t: Int) -> Double { function.value(at: t) }

  /// 1 less the value at step t: the weight of the newest term of an average that decays by this schedule. It is exact
  /// to the last place even for decays near 1, for which 1 − value would keep few of the weight's digits.
  public func oneMinus(at t: Int) -> Double { function.oneMinus(at: t) }

  /// The values the schedule lies between at all steps t ≥ 1.
  public var range: ClosedRange<Double> { function.range }

  /// The schedule's full value, its peak: at every step the schedule gives a share of it.
  ///
  /// It is the largest value that the schedule takes or tends to: α of a decay such as `inverse(α)`, whether or not it
  /// is shifted; the target of a warm-up; the larger end of a straight line or a cosine; the largest piece or phase.
  /// If values are negative, it is the value of largest magnitude.
  public var base: Double {
    let range = range
    return range.upperBound >= -range.lowerBound ? range.upperBound : range.lowerBound
  }

  /// Why the schedule cannot be used, in words: a step count that is not positive, or a value that is not finite; nil if
  /// it can.
  var problem: String? {
    if let problem = function.problem { return problem }
    let range = range
    return range.lowerBound.isFinite && range.upperBound.isFinite ? nil : "its values must be finite"
  }
}

extension Schedule: Hashable {
  public static func == (a: Schedule, b: Schedule) -> Bool { a.function.equals(b.function) }
  public func hash(into hasher: inout Hasher) { function.hash(into: &hasher) }
}

extension Schedule: ExpressibleByFloatLiteral, ExpressibleByIntegerLiteral {
  public init(floatLiteral value: Double) { self = .constant(value) }
  public init(integerLiteral value: Int) { self = .constant(Double(value)) }
}
