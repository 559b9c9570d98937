import Descent
import DescentCatalogue
import DescentLab
import DescentProblems
import Foundation

/// Problems of one variable each, side by side in one vector. A method that steps element by element treats each
/// problem as if it were alone.
struct ProblemsSideBySide {
  private let problems: [any Problem]
  private let start: [Double]
  private let isBounded: Bool

  /// - Parameters:
  ///   - problems: The problems, each of one variable.
  ///   - start: x₁ for each problem; by default the problems' own.
  ///   - isBounded: Whether each x is moved back into its problem's feasible range after each step.
  init(_ problems: [any Problem], start: [Double]? = nil, isBounded: Bool = true) {
    self.problems = problems
    self.start = start ?? problems.map { $0.start[0] }
    self.isBounded = isBounded
  }

  /// Steps with `optimizer`, each time with one sample of each problem.
  ///
  /// - Parameters:
  ///   - optimizer: The optimizer, written as on the command line.
  ///   - steps: The number of steps.
  ///   - visit: Called before each step with t, xₜ and the slopes of fₜ.
  /// - Returns: x after the last step.
  @discardableResult
  func follow(
    _ optimizer: String, steps: Int,
    visit: (Int, UnsafeBufferPointer<Double>, UnsafeBufferPointer<Double>) throws -> Void = { _, _, _ in }
  ) throws -> [Double] {
    let method = try OptimizerSpec(parsing: optimizer).configured(average: nil, steps: steps)
    var θ = try ParameterVector(start)
    var g = ParameterVector<Double>(zeros: θ.layout)
    var optimizer: AnyOptimizer<Double> = try method.optimizer(for: θ, threads: 1)
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

/// The steps for the points of a curve over many steps: about `count` of them in a geometric progression, from 1 on.
func spacedSteps(to last: Int, count: Int = 200) -> Set<Int> {
  Set((0...count).map { i in Int(pow(Double(last), Double(i) / Double(count)).rounded()) })
}
