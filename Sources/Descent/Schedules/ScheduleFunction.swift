/// A function of the step t = 1, 2, … with a name: what a ``Schedule`` is made of, and how to write one of your own.
///
/// ```swift
/// /// α fⁿ, where n is the number of whole periods done.
/// struct Staircase: ScheduleFunction {
///   var α, factor: Double
///   var period: Int
///
///   static let form = "staircase(α, factor=0.5, period=n)"
///   init(_ arguments: inout ScheduleArguments) throws(ScheduleError) {
///     α = try arguments.number("α")
///     factor = try arguments.number("factor", default: 0.5)
///     period = try arguments.stepCount("period")
///   }
///   var arguments: [String] { ["\(α)", "factor=\(factor)", "period=\(period)"] }
///   func value(at t: Int) -> Double { α * Double.pow(factor, Double((t - 1) / period)) }
///   var range: ClosedRange<Double> { 0...α }
/// }
///
/// adam.learningRate = Schedule(Staircase(α: 0.1, factor: 0.5, period: 100))
/// try Schedule.register(Staircase.self)      // Now it is read from texts and checkpoints too.
/// adam.learningRate = try Schedule("staircase(0.1, period=100)")
/// ```
public protocol ScheduleFunction: Hashable, Sendable {
  /// How a user writes the schedule, with the default values: `cosine(α, to=0, over=n)`. The name stands before the
  /// parenthesis: lower-case letters and digits.
  static var form: String { get }

  /// Reads the arguments of the schedule's text.
  init(_ arguments: inout ScheduleArguments) throws(ScheduleError)

  /// The arguments, as ``init(_:)`` reads them; numbers as Swift writes them are exact.
  var arguments: [String] { get }

  /// The value at step t ≥ 1: the same whenever it is asked for.
  func value(at t: Int) -> Double

  /// 1 less the value at step t; by default computed from the value. A decay that comes near 1 should compute it
  /// without the value, to keep its digits.
  func oneMinus(at t: Int) -> Double

  /// 1 − β₁ β₂ … βₜ for the values β; by default computed term by term.
  func oneMinusProduct(through t: Int) -> Double

  /// Two numbers that the values lie between at all steps t ≥ 1. Options are checked against it.
  var range: ClosedRange<Double> { get }

  /// Why the arguments are refused, in words; nil, the default, if they are not.
  var problem: String? { get }

  /// The text that a ``Schedule`` is read from: by default the name with the arguments.
  var text: String { get }
}

extension ScheduleFunction {
  public func oneMinus(at t: Int) -> Double { 1 - value(at: t) }
  public func oneMinusProduct(through t: Int) -> Double {
    Descent.oneMinusProduct(through: t) { oneMinus(at: $0) }
  }
  public var problem: String? { nil }
  public var text: String { "\(Self.name)(\(arguments.joined(separator: ", ")))" }

  /// The name that the text begins with.
  public static var name: String { String(form.prefix { $0 != "(" }) }

  func equals(_ other: any ScheduleFunction) -> Bool { other as? Self == self }
}

/// Why a number of steps is refused; nil if it is not.
func problem(ofSteps steps: Int) -> String? { steps > 0 ? nil : "a schedule needs a positive number of steps" }

/// The share of `steps` steps made before step t, at most 1.
func share(of steps: Int, before t: Int) -> Double { steps > 0 ? min(1, Double(t - 1) / Double(steps)) : 1 }

extension ClosedRange<Double> {
  /// From the smaller to the larger of two numbers. NaN cannot be ordered: its range is all numbers.
  static func between(_ a: Double, _ b: Double) -> ClosedRange<Double> {
    a <= b ? a...b : b <= a ? b...a : -Double.infinity...Double.infinity
  }

  /// The range that holds both.
  func joined(_ other: ClosedRange<Double>) -> ClosedRange<Double> {
    Swift.min(lowerBound, other.lowerBound)...Swift.max(upperBound, other.upperBound)
  }
}
