import Foundation
import TestSupport
import Testing

@testable import Descent

/// Nobody else is there: the answer is what was said.
private struct Alone<Scalar: LaneScalar>: Exchange {
  func exchange(_ message: inout ParameterVector<Scalar>, as kind: Message) {}
}

/// Workers on threads that wait for one another.
private final class Meeting: Exchange, @unchecked Sendable {
  typealias Scalar = Float
  private let count: Int
  private let condition = NSCondition()
  private var said: [ParameterVector<Float>] = []
  private var answer: ParameterVector<Float>?
  private var left = 0
  private(set) var kinds: Set<Message> = []

  init(of count: Int) { self.count = count }

  func exchange(_ message: inout ParameterVector<Float>, as kind: Message) {
    condition.lock()
    defer { condition.unlock() }
    while left > 0 { condition.wait() }
    kinds.insert(kind)
    said.append(message)
    if said.count == count {
      var sum = said[0]
      for other in said.dropFirst() { sum.add(other) }
      switch kind {
      case .gradient: sum.scale(by: 1 / Float(count))
      case .sign:
        let layout = sum.layout
        sum.withUnsafeMutableElements { x in
          for i in 0..<layout.paddedCount { x[i] = x[i] > 0 ? 1 : x[i] < 0 ? -1 : 0 }
        }
      }
      answer = sum
      left = count
      condition.broadcast()
    }
    while left == 0 { condition.wait() }
    message = answer!
    left -= 1
    if left == 0 { said = [] }
    condition.broadcast()
  }
}

@Suite struct ExchangeTests {
  /// With nobody else there, a step is that of an optimizer without an exchange, bit for bit.
  @Test func aloneNothingChanges() throws {
    struct Check: RuleCheck {
      func check<Rule: ElementRule>(_ rule: Rule) throws where Rule.Scalar: LaneScalar {
        var (θ, φ): (ParameterVector<Rule.Scalar>, ParameterVector<Rule.Scalar>) = (
          try randomVector(200, seed: 1), try randomVector(200, seed: 1)
        )
        var (alone, other) = (try Optimizer(rule, for: θ), try Optimizer(rule, for: φ))
        other.exchange = Alone()
        for t in 1...20 {
          let g: ParameterVector<Rule.Scalar> = try randomVector(200, seed: UInt64(100 + t))
          try alone.step(&θ, gradient: g)
          try other.step(&φ, gradient: g)
          #expect(θ == φ, "\(Rule.self) step \(t)")
        }
        for slot in alone.slots { #expect(try alone.slot(slot) == other.slot(slot)) }
      }
    }
    try checkAllRules(Float.self, Check())
    try checkAllRules(Double.self, Check())
    func checkSigns<Scalar: LaneScalar>(_: Scalar.Type) throws {
      for zeroSign in ZeroSign.allCases {
        try Check().check(SignSGD<Scalar>(zeroSign: zeroSign))
        try Check().check(Signum<Scalar>(zeroSign: zeroSign))
        try Check().check(Signum<Scalar>(zeroSign: zeroSign).decayed(by: 0.1).penalized(by: 0.2).clipped(to: 0.3))
        try Check().check(Signum<Scalar>().decayed(by: 0.1).averaged(0.9))
        try Check().check(SignSGD<Scalar>(learningRate: 0.1).lookingAhead(every: 3, rate: 0.4))
      }
    }
    try checkSigns(Float.self)
    try checkSigns(Double.self)
  }

  /// Three workers with gradients of their own: signs move by the majority, gradients by the mean, and all workers keep
  /// the same parameters.
  @Test(arguments: [true, false]) func workersAgree(byVote: Bool) throws {
    let (count, steps, size) = (3, 10, 150)
    let meeting = Meeting(of: count)
    let start: ParameterVector<Float> = try randomVector(size, seed: 7)
    @Sendable func gradient(_ worker: Int, _ t: Int) -> ParameterVector<Float> {
      try! randomVector(size, seed: UInt64(1000 * worker + t))
    }
    nonisolated(unsafe) var ends = Array(repeating: start, count: count)
    let ended = DispatchSemaphore(value: 0)
    for worker in 0..<count {
      Thread.detachNewThread {
        var θ = start
        func run(_ optimizer: some InspectableStepper<Float>) {
          var optimizer = optimizer
          optimizer.exchange = meeting
          for t in 1...steps { _ = try? optimizer.step(&θ, gradient: gradient(worker, t)) }
        }
        if byVote {
          run(try! Optimizer(Signum(learningRate: 0.1), for: θ))
        } else {
          run(try! Optimizer(Adam(), for: θ))
        }
        meeting.guarded { ends[worker] = θ }
        ended.signal()
      }
    }
    for _ in 0..<count { ended.wait() }
    #expect(meeting.kinds == [byVote ? .sign : .gradient])
    #expect(ends[1] == ends[0] && ends[2] == ends[0] && ends[0] != start)

    if byVote {
      var (θ, m) = (start.values, Array(repeating: Array(repeating: Float(0), count: size), count: count))
      for t in 1...steps {
        for worker in 0..<count {
          for (i, g) in gradient(worker, t).values.enumerated() { m[worker][i] = 0.9 * m[worker][i] + 0.1 * g }
        }
        for i in 0..<size {
          let votes = (0..<count).reduce(0) { $0 + (m[$1][i] > 0 ? 1 : -1) }
          θ[i] -= votes > 0 ? 0.1 : -0.1
        }
      }
      #expect(zip(θ, ends[0].values).allSatisfy { abs($0 - $1) < 1e-5 })
    } else {
      var θ = start
      var optimizer = try Optimizer(Adam(), for: θ)
      for t in 1...steps {
        var mean = gradient(0, t)
        for worker in 1..<count { mean.add(gradient(worker, t)) }
        mean.scale(by: 1 / Float(count))
        try optimizer.step(&θ, gradient: mean)
      }
      // The sum's order is that in which the workers came.
      #expect(zip(θ.values, ends[0].values).allSatisfy { abs($0 - $1) < 1e-5 })
    }
  }

  /// An answer or a transformed gradient of another layout is refused, before it is read past its end.
  @Test func anotherLayoutIsRefused() throws {
    struct Smaller: Exchange {
      func exchange(_ message: inout ParameterVector<Float>, as kind: Message) throws {
        message = try ParameterVector([1])
      }
    }
    struct Shrinking: GradientTransform {
      typealias Scalar = Float
      var name: String { "shrinking" }
      func transform(
        _ gradient: inout ParameterVector<Float>, parameters θ: ParameterVector<Float>, report: inout StepReport
      ) throws { gradient = try ParameterVector([1]) }
    }
    let start = try ParameterVector([Float](repeating: 1, count: 5000))
    func check<Rule: ElementRule<Float>>(_ rule: Rule) throws {
      var θ = start
      var optimizer = try Optimizer(rule, for: θ)
      optimizer.exchange = Smaller()
      #expect(throws: LayoutError.self) { try optimizer.step(&θ, gradient: start) }
      optimizer.exchange = nil
      optimizer.transforms = [Shrinking()]
      #expect(throws: LayoutError.self) { try optimizer.step(&θ, gradient: start) }
      #expect(θ == start && optimizer.stepCount == 0)
      optimizer.transforms = []
      try optimizer.step(&θ, gradient: start)
    }
    try check(Adam<Float>())
    try check(Signum<Float>())
  }

  /// An exchange that fails between the halves changes nothing: the step can be made again.
  @Test func aFailedExchangeChangesNothing() throws {
    struct Down: Error {}
    struct Broken: Exchange {
      typealias Scalar = Float
      func exchange(_ message: inout ParameterVector<Float>, as kind: Message) throws { throw Down() }
    }
    var θ: ParameterVector<Float> = try randomVector(40, seed: 1)
    let start = θ
    var optimizer = try Optimizer(Signum(), for: θ)
    let g: ParameterVector<Float> = try randomVector(40, seed: 2)
    try optimizer.step(&θ, gradient: g)
    let (moved, copy) = (θ, optimizer)
    optimizer.exchange = Broken()
    #expect(throws: Down.self) { try optimizer.step(&θ, gradient: start) }
    #expect(θ == moved && optimizer.stepCount == 1)
    #expect(try optimizer.slot("signum/m") == copy.slot("signum/m"))

    var quantized = try Optimizer(Signum().quantized(.block8), for: θ)
    quantized.exchange = Alone()
    #expect(throws: ExchangeError.undivided(rule: "signum")) { try quantized.step(&θ, gradient: θ) }
  }
}

extension Meeting {
  fileprivate func guarded(_ body: () -> Void) {
    condition.lock()
    defer { condition.unlock() }
    body()
  }
}
