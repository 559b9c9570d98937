/// An objective whose first evaluation in each step is watched.
final class WatchedObjective<Base: Objective>: ObjectiveAround {
  typealias Scalar = Base.Scalar

  private let base: Base
  private let lastStep: Int
  private let watch: (MinimizationStep<Scalar>) throws -> StepControl
  private var isWatched = false
  /// Steps made so far.
  var step = 0 { didSet { isWatched = false } }

  init(_ base: Base, lastStep: Int, _ watch: @escaping (MinimizationStep<Scalar>) throws -> StepControl) {
    self.base = base
    self.lastStep = lastStep
    self.watch = watch
  }

  var name: String { base.name }
  var watched: any Objective<Scalar> { base }
  // Whoever watches sees the whole gradient, whatever comes with it.
  var capabilities: Set<ObjectiveCapability> { base.capabilities.subtracting([.blocks, .sampledGradients, .layers]) }

  func value(at θ: ParameterVector<Scalar>, gradient: inout ParameterVector<Scalar>) throws -> Double {
    let value = try base.value(at: θ, gradient: &gradient)
    guard !isWatched else { return value }
    isWatched = true
    guard value.isFinite else { throw MinimizeError.nonFiniteValue(step: step) }
    let seen = MinimizationStep(step: step, value: Scalar(value), parameters: θ, gradient: gradient)
    if try watch(seen) == .stop { throw StoppedByWatch(value: value) }
    if step < lastStep, !gradient.sumOfSquares().isFinite, let block = gradient.firstNonFiniteBlock {
      throw MinimizeError.nonFiniteGradient(step: step, parameter: block.name)
    }
    return value
  }
}

/// Thrown through a step that the watching closure does not want.
struct StoppedByWatch: Error {
  /// The objective's value where the run ends.
  let value: Double
}
