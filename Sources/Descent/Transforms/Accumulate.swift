/// Steps once for every `count` gradients, with their mean: a batch larger than memory, in micro-batches.
///
/// The sum keeps the rounding error of each addition (Knuth's two-sum). So the mean is the exact mean, rounded once,
/// for any number of micro-batches. Micro-batches of different sizes are weighted by ``weight``.
public struct Accumulate<Scalar: LaneScalar>: GradientTransform {
  /// Gradients to a step, at least 1.
  public var count: Int
  /// Weight of the next gradient in the mean: the number of its examples, if that differs.
  public var weight = 1.0

  private var sum: ParameterVector<Scalar>?
  private var error: ParameterVector<Scalar>?
  private var received = 0
  private var totalWeight = 0.0

  public init(_ count: Int) { self.count = max(1, count) }

  public var name: String { "accumulate" }
  public var countsBatches: Bool { true }

  public mutating func transform(
    _ gradient: inout ParameterVector<Scalar>, parameters θ: ParameterVector<Scalar>, report: inout StepReport
  ) throws(GradientError) {
    var total = sum ?? ParameterVector(zeros: gradient.layout)
    var lost = error ?? ParameterVector(zeros: gradient.layout)
    if let difference = total.layout.difference(from: gradient.layout) { throw .mismatch(difference) }
    sum = nil
    error = nil
    let scale = Scalar(weight * report.gradientScale)
    total.withUnsafeMutableLanes { total in
      lost.withUnsafeMutableLanes { lost in
        gradient.withUnsafeLanes { g in
          Scalar.accumulate(g, scale: scale, into: total, lost: lost, count: gradient.laneCount)
        }
      }
    }
    received += 1
    totalWeight += weight
    report.gradientScale = 1
    if received < count {
      sum = total
      error = lost
      report.isSkipped = true
      return
    }
    let laneCount = gradient.laneCount
    gradient.withUnsafeMutableLanes { g in
      total.withUnsafeLanes { total in
        lost.withUnsafeLanes { lost in
          Scalar.finishMean(total, lost: lost, dividedBy: Scalar(totalWeight), into: g, count: laneCount)
        }
      }
    }
    received = 0
    totalWeight = 0
  }

  public func save() -> TransformState<Scalar> {
    var state = TransformState<Scalar>(numbers: ["received": Double(received), "totalWeight": totalWeight])
    state.vectors["sum"] = sum
    state.vectors["error"] = error
    return state
  }

  public mutating func restore(_ state: TransformState<Scalar>) throws(CheckpointError) {
    let received = try state.count("received")
    let totalWeight = state.numbers["totalWeight"] ?? 0
    guard totalWeight.isFinite else { throw .damagedState("totalWeight") }
    let isBegun = received > 0
    guard (state.vectors["sum"] != nil) == isBegun, (state.vectors["error"] != nil) == isBegun else {
      throw .damagedState("received")
    }
    self.received = received
    self.totalWeight = totalWeight
    sum = state.vectors["sum"]
    error = state.vectors["error"]
  }
}
