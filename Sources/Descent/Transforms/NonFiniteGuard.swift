/// Skips the step of a gradient that is not finite, and stops after too many in a row.
///
/// A finite gradient is never skipped, however large: every method turns it into a finite step.
public struct NonFiniteGuard<Scalar: LaneScalar>: GradientTransform {
  /// How many steps skipped in a row are an error.
  public var limit: Int
  /// Steps skipped so far.
  public private(set) var skipped = 0
  /// Steps skipped since the last good gradient.
  public private(set) var consecutive = 0
  /// What ``consecutive`` was before this step, whose first gradients are good: the step may still be skipped.
  private var consecutiveBefore = 0

  /// - Parameter limit: At least 1: how many bad gradients in a row are an error.
  public init(limit: Int = 10) { self.limit = limit }

  public var name: String { "nonFiniteGuard" }

  public mutating func transform(
    _ gradient: inout ParameterVector<Scalar>, parameters θ: ParameterVector<Scalar>, report: inout StepReport
  ) throws(GradientError) {
    // The sum may overflow although every element is finite.
    let isFinite = gradient.sumOfSquares(threads: processorCount).isFinite
    guard !isFinite, let bad = gradient.firstNonFiniteBlock else {
      if report.gradientCount <= 1 { consecutiveBefore = consecutive }
      consecutive = 0
      return
    }
    skipped += 1
    consecutive = 1 + (report.gradientCount > 1 ? consecutiveBefore : consecutive)
    report.isSkipped = true
    if consecutive >= limit {
      throw .nonFinite(parameter: bad.name, consecutive: consecutive)
    }
  }

  public func save() -> TransformState<Scalar> {
    TransformState(numbers: ["skipped": Double(skipped), "consecutive": Double(consecutive)])
  }

  public mutating func restore(_ state: TransformState<Scalar>) throws(CheckpointError) {
    let (skipped, consecutive) = (try state.count("skipped"), try state.count("consecutive"))
    guard consecutive <= skipped else { throw .damagedState("consecutive") }
    self.skipped = skipped
    self.consecutive = consecutive
  }
}
