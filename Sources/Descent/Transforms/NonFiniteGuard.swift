/// Skips the step of a gradient that is not finite, and stops after too many in a row.
///
/// A gradient whose square overflows the scalar (|g| > 1.8e19 in `Float`) is no more use to a method with second
/// moments than an infinite one and is skipped too.
public struct NonFiniteGuard<Scalar: LaneScalar>: GradientTransform {
  /// Steps skipped in a row that end in an error.
  public var limit: Int
  /// Steps skipped so far.
  public private(set) var skipped = 0
  /// Steps skipped since the last good gradient.
  public private(set) var consecutive = 0

  /// - Parameter limit: At least 1: how many bad gradients in a row are an error.
  public init(limit: Int = 10) { self.limit = limit }

  public var name: String { "nonFiniteGuard" }

  public mutating func transform(
    _ gradient: inout ParameterVector<Scalar>, parameters θ: ParameterVector<Scalar>, report: inout StepReport
  ) throws(GradientError) {
    let sum = gradient.sumOfSquares(threads: processorCount)
    if sum.isFinite, sum <= Double(Scalar.greatestFiniteMagnitude) || hasFiniteSquares(gradient) {
      consecutive = 0
      return
    }
    skipped += 1
    consecutive += 1
    report.isSkipped = true
    if consecutive >= limit {
      throw .nonFinite(
        parameter: firstBadBlock(gradient) ?? gradient.layout.blocks[0].name, consecutive: consecutive)
    }
  }

  private func hasFiniteSquares(_ gradient: ParameterVector<Scalar>) -> Bool { firstBadBlock(gradient) == nil }

  private func firstBadBlock(_ gradient: ParameterVector<Scalar>) -> String? {
    gradient.withUnsafeElements { elements in
      gradient.layout.blocks.first { block in elements[block.elements].contains { !($0 * $0).isFinite } }?.name
    }
  }

  public func save() -> TransformState<Scalar> {
    TransformState(numbers: ["skipped": Double(skipped), "consecutive": Double(consecutive)])
  }

  public mutating func restore(_ state: TransformState<Scalar>) {
    skipped = Int(state.numbers["skipped"] ?? 0)
    consecutive = Int(state.numbers["consecutive"] ?? 0)
  }
}
