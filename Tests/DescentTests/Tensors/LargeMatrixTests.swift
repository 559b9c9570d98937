import Descent
import Synchronization
import TestSupport
import Testing

/// A single large matrix is stepped by all threads, with the same bits for any number of them.
@Suite(.serialized) struct LargeMatrixTests {
  /// Records how many threads it may use.
  private struct Counter: TensorRule {
    typealias Scalar = Float
    var learningRate: Schedule = 0.1
    static let counts = Mutex<[Int]>([])
    func update(_ θ: TensorView<Float>, gradient g: TensorView<Float>, state: inout NoState, at t: Int) {
      Self.counts.withLock { $0.append(θ.threads) }
    }
  }

  /// Whether a parameter is stored in the order that the rule sees or not, and whether it is composed.
  @Test(arguments: [ParameterAxes.outputsLast, .outputsFirst])
  func theRuleMayUseAllThreads(_ axes: ParameterAxes) throws {
    var θ = ParameterVector<Float>(zeros: try ParameterLayout([("w", [40, 50])], axes: axes))
    func threads(_ rule: some TensorRule<Float>) throws -> [Int] {
      Counter.counts.withLock { $0 = [] }
      var optimizer = try Optimizer(rule, for: θ, threads: 7)
      try optimizer.step(&θ, gradient: θ)
      return Counter.counts.withLock { $0 }
    }
    #expect(try threads(Counter()) == [7])
    #expect(try threads(Counter().penalized(by: 0.1).averaged(0.9)) == [7])
  }

  @Test(arguments: [ParameterAxes.outputsLast, .outputsFirst])
  func theBitsDoNotDependOnTheThreads(_ axes: ParameterAxes) throws {
    func check(_ rule: some TensorRule<Float>) throws {
      func stepped(_ threads: Int) throws -> [Float] {
        var θ = ParameterVector<Float>(zeros: try ParameterLayout([("w", [130, 270])], axes: axes))
        var g = θ
        var optimizer = try Optimizer(rule, for: θ, threads: threads)
        for t in 1...2 {
          try g.assign(randomVector(130 * 270, seed: UInt64(t)).values, to: "w")
          try optimizer.step(&θ, gradient: g)
        }
        return θ.values
      }
      let one = try stepped(1)
      #expect(one.contains { $0 != 0 })
      for threads in [2, 7] { #expect(try stepped(threads) == one, "\(type(of: rule).name), \(threads) threads") }
    }
    try check(Muon())
    try check(Shampoo(preconditionEvery: 1, form: .matrix))
    try check(SOAP(preconditionEvery: 1, form: .matrix))
    try check(Adafactor())
    try check(LAMB())
  }
}
