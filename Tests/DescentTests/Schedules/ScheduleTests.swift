import Foundation
import RealModule
import Testing

@testable import Descent

@Suite struct ScheduleTests {
  static let all: [Schedule] = [
    0.1, .inverseSquareRoot(0.1), .inverse(0.1), .inverseTime(0.1, decay: 0.01, power: 1),
    .exponential(0.9, factor: 0.99), .linear(from: 0.1, to: 0.01, over: 50),
    .polynomial(from: 0.1, to: 0.01, over: 50, power: 2), .cosine(0.1, to: 0.001, over: 50),
    .cosineRestarts(0.1, to: 0, period: 10, multiplier: 2),
    .piecewise(0.1, [Schedule.Piece(after: 20, value: 0.01), Schedule.Piece(after: 40, value: 0.001)]),
    .oneCycle(0.1, over: 100), .warmup(10, then: .cosine(0.1, over: 40)),
    .joined([Schedule.Phase(steps: 5, schedule: .linear(from: 0, to: 0.1, over: 5))], last: .inverse(0.1)),
    .scaled(.inverse(0.2), by: 0.5), .shifted(.cosine(0.1, over: 50), by: 1),
    .inversePower(0.1, power: 0.75), .complement(.inversePower(0.9, power: 0.5)),
    .halfLife(from: 0.9, to: 0.9999, over: 100), .shifted(.halfLife(from: 0.9, to: 0.999, over: 50), by: 1),
  ]

  @Test func values() {
    func expect(_ rate: Schedule, _ values: [Int: Double], sourceLocation: SourceLocation = #_sourceLocation) {
      for (t, value) in values {
        #expect(abs(rate(at: t) - value) <= 1e-15, "\(rate) at \(t): \(rate(at: t))", sourceLocation: sourceLocation)
      }
    }
    expect(0.1, [1: 0.1, 1000: 0.1])
    expect(.inverseSquareRoot(0.1), [1: 0.1, 4: 0.05, 10_000: 0.001])
    expect(.inverse(0.1), [1: 0.1, 4: 0.025])
    expect(.inverseTime(0.1, decay: 0.5, power: 1), [1: 0.1, 3: 0.05])
    expect(.exponential(0.8, factor: 0.5), [1: 0.8, 2: 0.4, 4: 0.1])
    expect(.linear(from: 1, to: 0, over: 4), [1: 1, 2: 0.75, 5: 0, 9: 0])
    expect(.polynomial(from: 1, to: 0.5, over: 4, power: 2), [1: 1, 3: 0.625, 5: 0.5])
    expect(.cosine(1, over: 4), [1: 1, 3: 0.5, 5: 0, 100: 0])
    expect(.cosine(1, to: 0.5, over: 4), [1: 1, 3: 0.75, 5: 0.5])
    expect(.cosineRestarts(1, period: 4), [1: 1, 3: 0.5, 5: 1, 7: 0.5, 4_000_001: 1])
    expect(.cosineRestarts(1, to: 0, period: 2, multiplier: 2), [1: 1, 2: 0.5, 3: 1, 5: 0.5, 7: 1, 11: 0.5])
    expect(.piecewise(1, [Schedule.Piece(after: 2, value: 0.5)]), [1: 1, 2: 1, 3: 0.5])
    expect(
      .oneCycle(peak: 1, over: 10, rising: 0.5, divisor: 10, finalDivisor: 100), [1: 0.1, 6: 1, 11: 0.001, 99: 0.001])
    expect(.warmup(4, then: .inverse(1)), [1: 0.25, 4: 1, 5: 1, 6: 0.5])
    expect(
      .joined([Schedule.Phase(steps: 2, schedule: 3), Schedule.Phase(steps: 3, schedule: .inverse(1))], last: 0.5),
      [1: 3, 2: 3, 3: 1, 4: 0.5, 6: 0.5])
    expect(.shifted(.inverse(1), by: 1), [1: 0.5])
    expect(.inversePower(0.1, power: 0.5), [1: 0.1, 4: 0.05, 100: 0.01])
    expect(.inversePower(0.1, power: 0), [1: 0.1, 4: 0.1])
    expect(.complement(.inverse(1)), [1: 0, 4: 0.75])
    // Half-lives 1, 2, 3 and 4.
    let root = 0.5.squareRoot()
    expect(
      .halfLife(from: 0.5, to: root.squareRoot(), over: 3),
      [1: 0.5, 2: root, 4: root.squareRoot(), 9: root.squareRoot()])
    expect(.halfLife(from: 0.5, to: root.squareRoot(), over: 3), [3: Double.pow(0.5, 1 / 3.0)])
  }

  /// AdEMAMix, section 3, writes its β₃ as exp(log βₛ log β₃ / ((1 − t/T) log β₃ + (t/T) log βₛ)).
  @Test func halfLifeIsAdEMAMixsSchedule() {
    let (start, end) = (Double.log(0.9), Double.log(0.9999))
    let rate = Schedule.shifted(.halfLife(from: 0.9, to: 0.9999, over: 500), by: 1)
    for t in 1...600 {
      let p = min(1, Double(t) / 500)
      let logarithm = start * end / ((1 - p) * end + p * start)
      #expect(abs(rate(at: t) - Double.exp(logarithm)) <= 1e-15, "step \(t)")
      #expect(abs(rate.oneMinus(at: t) / -Double.expMinusOne(logarithm) - 1) <= 1e-12, "step \(t)")
    }
  }

  /// The weight of a decay near 1 keeps its digits.
  @Test func oneMinusIsExact() {
    for t in [1, 10, 1_000_000, 1_000_000_000] {
      #expect(Schedule.complement(.inversePower(0.5, power: 1)).oneMinus(at: t) == 0.5 / Double(t))
    }
    #expect(Schedule.warmup(5, then: .complement(1e-9)).oneMinus(at: 6) == 1e-9)
    for rate in Self.all { #expect(abs(rate.oneMinus(at: 7) - (1 - rate(at: 7))) <= 1e-15, "\(rate)") }
  }

  @Test(arguments: all) func textIsReadBack(_ rate: Schedule) throws {
    #expect(try Schedule(rate.description) == rate)
  }

  @Test(arguments: all) func codingIsExact(_ rate: Schedule) throws {
    #expect(try JSONDecoder().decode(Schedule.self, from: JSONEncoder().encode(rate)) == rate)
  }

  @Test(arguments: all) func valuesLieInTheRange(_ rate: Schedule) {
    for t in 1...300 {
      #expect(rate.range.lowerBound - 1e-15 <= rate(at: t) && rate(at: t) <= rate.range.upperBound + 1e-15, "step \(t)")
    }
  }

  /// The full value: a warm-up's target, a decay's start, or the largest piece.
  @Test func basesAreFullValues() {
    let bases: [(Schedule, Double)] = [
      (0.1, 0.1), (.inverseSquareRoot(0.1), 0.1), (.inverse(0.1), 0.1), (.inversePower(0.1, power: 0.75), 0.1),
      (.inversePower(0.1, power: 0), 0.1), (.inverseTime(0.1, decay: 0.01, power: 1), 0.1),
      (.exponential(0.9, factor: 0.99), 0.9), (.halfLife(from: 0.9, to: 0.9999, over: 100), 0.9999),
      (.linear(from: 0.1, to: 0.01, over: 50), 0.1), (.linear(from: 0, to: 0.1, over: 50), 0.1),
      (.polynomial(from: 0.1, to: 0.01, over: 50, power: 2), 0.1), (.cosine(0.1, to: 0.001, over: 50), 0.1),
      (.cosineRestarts(0.1, to: 0, period: 10, multiplier: 2), 0.1),
      (.piecewise(0, [Schedule.Piece(after: 1, value: 0.001)]), 0.001),
      (.piecewise(0.1, [Schedule.Piece(after: 20, value: 0.01)]), 0.1), (.oneCycle(0.1, over: 100), 0.1),
      (.warmup(100, then: 0.001), 0.001), (.warmup(10, then: .cosine(0.1, over: 40)), 0.1),
      (.joined([Schedule.Phase(steps: 5, schedule: .linear(from: 0, to: 0.1, over: 5))], last: .inverse(0.05)), 0.1),
      (.scaled(.inverse(0.25), by: 0.5), 0.125), (.shifted(.inverse(0.1), by: 10), 0.1),
      (.complement(.inversePower(0.5, power: 0.5)), 1), (-0.1, -0.1), (0, 0),
    ]
    for (rate, base) in bases { #expect(rate.base == base, "\(rate)") }
  }

  @Test func schedulesStretchOverTheRun() throws {
    #expect(try Schedule("cosine(0.1)", steps: 500) == .cosine(0.1, to: 0, over: 500))
    #expect(try Schedule("warmup(100, cosine(0.1))", steps: 500) == .warmup(100, then: .cosine(0.1, to: 0, over: 400)))
    #expect(
      try Schedule("joined(100:linear(0.01, to=0.1), exponential(0.1, factor=0.9))", steps: 500)
        == .joined(
          [Schedule.Phase(steps: 100, schedule: .linear(from: 0.01, to: 0.1, over: 100))],
          last: .exponential(0.1, factor: 0.9))
    )
  }

  @Test(arguments: [
    "", "cos(0.1)", "cosine", "cosine()", "cosine(0.1)", "cosine(a, over=3)", "cosine(0.1, over=0)",
    "cosine(0.1, over=-5)", "cosine(0.1, ovr=3)", "cosine(0.1, over=3", "warmup(10)", "warmup(0, 0.1)",
    "piecewise(0.1, 5:x)", "piecewise(0.1, 5:1, 5:2)", "exponential(0.1, factor=0)", "0.1)", "nan", "inf",
    "inverse(inf)", "inversepower(0.1)", "inversepower(0.1, power=-1)", "complement()", "complement(inverse(inf))",
    "halflife(0.9, over=5)", "halflife(0, to=0.9, over=5)", "halflife(0.9, to=1, over=5)", "halflife(0.9, to=0.99)",
    "exponential(0.1, factor=1.1)", "onecycle(0.1, over=5, rising=2)", "shifted(0.1, by=-1)", "(0.1)", "1,2",
    "shifted(0.1, by=9223372036854775807)", "warmup(-9223372036854775808, 0.1)",
    "joined(9223372036854775807:0.1, 9223372036854775807:0.1, 0.1)",
    "cosine(0.1, to=0.01, to=0, over=5)", "cosinerestarts(0.1, period=2, multiplier=9223372036854775807)",
    String(repeating: "scaled(", count: 500), "piecewise(0.1, 0:0.2)", "piecewise(0.1, -1:0.2)",
    "inversetime(0.1, decay=inf)", "polynomial(0.1, power=inf, over=9)", "onecycle(0.1, over=9, divisor=inf)",
    // A checkpoint would say more than the 442 characters here, and could not be read.
    "joined(" + String(repeating: "1:cosine(.1, over=1),", count: 36) + "cosine(.1, over=1))",
  ]) func nonsenseIsRefused(_ text: String) {
    #expect(throws: ScheduleError.self) { try Schedule(text) }
  }

  /// What is too long to be read again is not written.
  @Test func whatIsTooLongIsNotSaved() throws {
    let pieces = (1...100).map { Schedule.Piece(after: $0, value: 1 / Double($0)) }
    #expect(throws: EncodingError.self) { try JSONEncoder().encode(Schedule.piecewise(0.1, pieces)) }
    let short = Schedule.piecewise(0.1, Array(pieces.prefix(20)))
    #expect(try JSONDecoder().decode(Schedule.self, from: JSONEncoder().encode(short)) == short)
  }

  /// 0 times a power that overflows.
  @Test func aDecayOfZeroIsConstant() throws {
    let rate = try Schedule("inversetime(0.01, decay=0, power=400)")
    #expect([1, 2, 100, 1_000_000].allSatisfy { rate(at: $0) == 0.01 })
  }

  /// tʳ overflows at t = 114; the share of a step's weight does not.
  @Test func sharesOfLargePowersAreFinite() {
    let weights = ScheduleFreeWeights()
    for t in [1, 2, 113, 114, 115, 300] {
      let exact = 1 / (1...t).reduce(0) { $0 + Double.pow(Double($1) / Double(t), 150) }
      let share = weights.share(of: .constant(0.1), timePower: 150, ratePower: 2, at: t)
      #expect(abs(share / exact - 1) < 1e-11, "\(t): \(share), \(exact)")
    }
  }

  /// A combining mark makes one character with a space or comma; such a character was once skipped as a space.
  @Test(arguments: ["0.1 \u{0301}", "cosine(0.1)\u{0301}", "cosine(0.1 \u{0301})", "linear(0.1,\u{0301}over=5)"])
  func marksAreNoPartOfARate(_ text: String) {
    #expect(throws: ScheduleError.self) { try Schedule(text, steps: 10) }
  }

  @Test func invalidRatesHaveValuesAllTheSame() {
    #expect(Schedule.cosineRestarts(0.1, period: 0)(at: 1).isFinite)
    #expect(Schedule.cosineRestarts(0.1, to: 0, period: 2, multiplier: .max)(at: .max).isFinite)
    #expect(Schedule.linear(from: 1, to: 0, over: -5)(at: 3) == 0)
    #expect(Schedule.shifted(.inverse(1), by: .max)(at: .max) > 0)
  }

  @Test func rulesRefuseRatesOutOfRange() throws {
    #expect(throws: RuleError.self) { try Adam<Float>(learningRate: -0.1).validate() }
    #expect(throws: RuleError.self) { try Adam<Float>(beta1: 1).validate() }
    #expect(throws: RuleError.self) { try Adam<Float>(beta1: .linear(from: 0.5, to: 1, over: 10)).validate() }
    #expect(throws: RuleError.self) { try Adam<Float>(beta2: .nan).validate() }
    #expect(throws: RuleError.self) { try AdaDelta<Float>(epsilon: 0).validate() }
    try Adam<Float>(learningRate: .inverseSquareRoot(0.1), beta1: .exponential(0.9, factor: 1 - 1e-8)).validate()
  }
}
