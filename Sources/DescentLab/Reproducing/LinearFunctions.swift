import Descent
import DescentCatalogue
import Foundation

/// Sequences of linear functions of one variable each, side by side in one vector: a method that steps element by element
/// takes each as if it were alone.
struct LinearFunctions {
  /// x₁ of each.
  let start: [Double]
  /// To which every x is put back after each step.
  let feasible: ClosedRange<Double>

  /// Lets `optimizer` see the slopes of one step after the other.
  ///
  /// - Parameters:
  ///   - optimizer: As the command line takes it.
  ///   - steps: How many.
  ///   - slopes: Writes fₜ's slopes, for t = 1, 2, ….
  ///   - visit: Sees t and xₜ, before the step; last, after all steps, xₜ for t = `steps` + 1.
  func follow(
    _ optimizer: String, steps: Int, slopes: (Int, UnsafeMutableBufferPointer<Double>) -> Void,
    visit: (Int, UnsafeBufferPointer<Double>) throws -> Void
  ) throws {
    let method = try OptimizerSpec(parsing: optimizer).configured(average: nil, steps: steps)
    var θ = try ParameterVector(start)
    var g = ParameterVector<Double>(zeros: θ.layout)
    let optimizer: AnyOptimizer<Double> = try method.optimizer(for: θ, threads: 1)
    let count = start.count
    for t in 1...steps {
      try θ.withUnsafeElements { try visit(t, UnsafeBufferPointer(rebasing: $0[..<count])) }
      g.withUnsafeMutableElements { slopes(t, UnsafeMutableBufferPointer(rebasing: $0[..<count])) }
      try optimizer.step(&θ, gradient: g)
      θ.withUnsafeMutableElements { x in
        for i in 0..<count { x[i] = min(max(x[i], feasible.lowerBound), feasible.upperBound) }
      }
    }
    try θ.withUnsafeElements { try visit(steps + 1, UnsafeBufferPointer(rebasing: $0[..<count])) }
  }
}

/// Steps 1, 2, … at which a curve over many steps is looked at: `count` of them, in a geometric progression.
func spacedSteps(to last: Int, count: Int = 200) -> Set<Int> {
  Set((0...count).map { i in Int(pow(Double(last), Double(i) / Double(count)).rounded()) })
}
