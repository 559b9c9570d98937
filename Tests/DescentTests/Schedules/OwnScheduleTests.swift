import Descent
import Foundation
import RealModule
import Testing

/// What a schedule of one's own costs: this struct, and one line that registers it.
private struct Staircase: ScheduleFunction {
  var α, factor: Double
  var period: Int

  init(α: Double, factor: Double, period: Int) { (self.α, self.factor, self.period) = (α, factor, period) }

  static let form = "staircase(α, factor=0.5, period=n)"
  init(_ arguments: inout ScheduleArguments) throws(ScheduleError) {
    α = try arguments.number("α")
    factor = try arguments.number("factor", default: 0.5)
    period = try arguments.stepCount("period")
  }
  var arguments: [String] { ["\(α)", "factor=\(factor)", "period=\(period)"] }
  func value(at t: Int) -> Double { α * Double.pow(factor, Double((t - 1) / max(1, period))) }
  var range: ClosedRange<Double> { 0...α }
  var problem: String? { period >= 1 ? nil : "period must be positive" }
}

private struct Impostor: ScheduleFunction {
  static let form = "cosine(α)"
  init(_ arguments: inout ScheduleArguments) throws(ScheduleError) {}
  var arguments: [String] { [] }
  func value(at t: Int) -> Double { 1 }
  var range: ClosedRange<Double> { 1...1 }
}

private struct Nameless: ScheduleFunction {
  static let form = "Stair case(α)"
  init(_ arguments: inout ScheduleArguments) throws(ScheduleError) {}
  var arguments: [String] { [] }
  func value(at t: Int) -> Double { 1 }
  var range: ClosedRange<Double> { 1...1 }
}

@Suite struct OwnScheduleTests {
  private let staircase = Schedule(Staircase(α: 0.1, factor: 0.5, period: 10))

  @Test func stepsAndComposes() throws {
    #expect([1, 10, 11, 21].map { staircase(at: $0) } == [0.1, 0.1, 0.05, 0.025])
    #expect(staircase.base == 0.1 && staircase.oneMinus(at: 11) == 0.95)
    #expect(Schedule.warmup(4, then: staircase)(at: 2) == 0.05)
    #expect(staircase == Schedule(Staircase(α: 0.1, factor: 0.5, period: 10)) && staircase != 0.1)
    #expect(Set([staircase, staircase, 0.1]).count == 2)
    try Adam<Float>(learningRate: staircase).validate()
    #expect(throws: RuleError.self) {
      try Adam<Float>(learningRate: Schedule(Staircase(α: 0.1, factor: 0.5, period: 0))).validate()
    }
  }

  @Test func isReadFromTextsAndCheckpointsOnceRegistered() throws {
    try Schedule.register(Staircase.self)
    // A second time changes nothing.
    try Schedule.register(Staircase.self)
    #expect(try Schedule(staircase.description) == staircase)
    #expect(try Schedule("warmup(5, staircase(0.1, period=10))") == .warmup(5, then: staircase))
    #expect(try Schedule("staircase(0.1)", steps: 40) == Schedule(Staircase(α: 0.1, factor: 0.5, period: 40)))
    #expect(Schedule.forms.count { $0 == Staircase.form } == 1)
    #expect(throws: ScheduleError.self) { try Schedule("staircase(0.1, period=0)") }
    #expect(throws: ScheduleError.self) { try Schedule("staircase(0.1, periods=3)") }

    var rule = Adam<Float>()
    try rule.setOption("lr", to: "staircase(0.1, period=10)")
    #expect(rule.learningRate == staircase)
    let read = try JSONDecoder().decode(Adam<Float>.self, from: JSONEncoder().encode(rule))
    #expect(read.learningRate == staircase)

    // A resumed optimizer steps by it.
    let g = try ParameterVector([1 as Float, -2])
    var θ = try ParameterVector([0.5 as Float, 0.5])
    var optimizer = try Optimizer(rule, for: θ)
    for _ in 0..<15 { try optimizer.step(&θ, gradient: g) }
    let checkpoint = try optimizer.checkpoint(θ)
    var resumed = try Optimizer(Adam<Float>(), for: θ)
    var other = θ
    try resumed.restore(checkpoint, into: &other)
    #expect(resumed.rule.learningRate == staircase)
    for _ in 0..<10 {
      try optimizer.step(&θ, gradient: g)
      try resumed.step(&other, gradient: g)
    }
    #expect(θ.values == other.values)
  }

  @Test func aNameIsGivenOnce() {
    #expect(throws: ScheduleError.self) { try Schedule.register(Impostor.self) }
    #expect(throws: ScheduleError.self) { try Schedule.register(Nameless.self) }
  }

  /// Texts and labels of version 0.1.
  @Test func oldTextsAreRead() throws {
    #expect(try Schedule("constant(value=0.1)") == 0.1)
    #expect(try Schedule("warmup(10, rate=cosine(0.1, over=5))") == .warmup(10, then: .cosine(0.1, over: 5)))
    #expect(try Schedule("halflife(0.9, to=0.99, over=10)") == .halfLife(from: 0.9, to: 0.99, over: 10))
    #expect(try Schedule("constant(0.1)") == 0.1)
  }
}
