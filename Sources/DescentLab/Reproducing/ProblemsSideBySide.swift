import Descent
import DescentCatalogue
import DescentProblems
import Foundation

/// Problems of one variable each, side by side in one vector: a method that steps element by element takes each as if it
/// were alone.
struct ProblemsSideBySide {
  private let problems: [any Problem]
  private let start: [Double]
  private let isBounded: Bool

  /// - Parameters:
  ///   - problems: Each of one variable.
  ///   - start: x₁ of each; nil for the problems' own.
  ///   - isBounded: Whether each x is put back to its problem's feasible range after each step.
  init(_ problems: [any Problem], start: [Double]? = nil, isBounded: Bool = true) {
    self.problems = problems
    self.start = start ?? problems.map { $0.start[0] }
    self.isBounded = isBounded
  }

  /// Lets `optimizer` see one sample of each after the other.
  ///
  /// - Parameters:
  ///   - optimizer: As the command line takes it.
  ///   - steps: How many.
  ///   - visit: Sees t, xₜ and the slopes of fₜ, before the step.
  /// - Returns: x after the last step.
  @discardableResult
  func follow(
    _ optimizer: String, steps: Int,
    visit: (Int, UnsafeBufferPointer<Double>, UnsafeBufferPointer<Double>) throws -> Void = { _, _, _ in }
  ) throws -> [Double] {
    let method = try OptimizerSpec(parsing: optimizer).configured(average: nil, steps: steps)
    var θ = try ParameterVector(start)
    var g = ParameterVector<Double>(zeros: θ.layout)
    let optimizer: AnyOptimizer<Double> = try method.optimizer(for: θ, threads: 1)
    var streams = problems.indices.map { RandomStream(seed: 1, name: "samples").substream(UInt64($0)) }
    for t in 1...steps {
      try θ.withUnsafeElements { x in
        try g.withUnsafeMutableElements { g in
          for (i, problem) in problems.enumerated() {
            var slope = UnsafeMutableBufferPointer(rebasing: g[i...i]).mutableSpan
            _ = problem.sample(at: t, UnsafeBufferPointer(rebasing: x[i...i]).span, gradient: &slope, from: &streams[i])
          }
          try visit(
            t, UnsafeBufferPointer(rebasing: x[..<problems.count]), UnsafeBufferPointer(rebasing: g[..<problems.count]))
        }
      }
      try optimizer.step(&θ, gradient: g)
      if isBounded { putBack(&θ) }
    }
    return θ.withUnsafeElements { Array($0[..<problems.count]) }
  }

  private func putBack(_ θ: inout ParameterVector<Double>) {
    θ.withUnsafeMutableElements { x in
      for (i, problem) in problems.enumerated() {
        if let range = problem.feasible { x[i] = min(max(x[i], range.lowerBound), range.upperBound) }
      }
    }
  }
}

/// Steps 1, 2, … at which a curve over many steps is looked at: `count` of them, in a geometric progression.
func spacedSteps(to last: Int, count: Int = 200) -> Set<Int> {
  Set((0...count).map { i in Int(pow(Double(last), Double(i) / Double(count)).rounded()) })
}
