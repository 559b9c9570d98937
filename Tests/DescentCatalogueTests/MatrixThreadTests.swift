import Descent
import TestSupport
import Testing

/// Rules that work on a matrix in parts, on several threads.
@Suite struct MatrixThreadTests {
  @Test(arguments: [(OversizedSide.diagonal, 200), (.blocks, 64)])
  func theNumberOfThreadsChangesNoBit(_ oversized: OversizedSide, maximumSide: Int) throws {
    func isSame(_ rule: some TensorRule<Float>) throws -> Bool {
      let one = try path(of: rule, threads: 1)
      return try [2, 5].allSatisfy { try path(of: rule, threads: $0) == one }
    }
    #expect(try isSame(SOAP(preconditionEvery: 2, maximumSide: maximumSide, oversized: oversized)))
    #expect(try isSame(Shampoo(preconditionEvery: 2, maximumSide: maximumSide, oversized: oversized)))
  }

  private func path(of rule: some TensorRule<Float>, threads: Int) throws -> [[Float]] {
    let layout = try ParameterLayout([("w", [150, 170]), ("b", [170])])
    var θ = ParameterVector<Float>(zeros: layout)
    var optimizer = try Optimizer(rule, for: θ, threads: threads)
    return try (0..<5).map { t in
      var g = θ
      try g.assign(randomVector(150 * 170, seed: UInt64(t), of: Float.self).values, to: "w")
      try g.assign(randomVector(170, seed: UInt64(t), of: Float.self).values, to: "b")
      try optimizer.step(&θ, gradient: g)
      return θ.values
    }
  }
}
