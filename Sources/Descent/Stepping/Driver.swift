import Dispatch

/// Lanes of a vector that are stepped with one set of coefficients: neighbouring blocks of one group.
@usableFromInline
struct Segment: Sendable {
  @usableFromInline let lanes: Range<Int>
  /// Index into the step's coefficients.
  @usableFromInline let group: Int

  @inlinable
  init(lanes: Range<Int>, group: Int) {
    self.lanes = lanes
    self.group = group
  }
}

/// Applies each group's rule to its segments, on `threads` threads that share the lanes evenly.
@inlinable
func update<Rule: ElementwiseRule>(
  _ rules: [Rule], at t: Int, gradientScale: Rule.Scalar, segments: [Segment], laneCount: Int, threads: Int,
  parameters θ: UnsafeMutablePointer<Rule.Lane>, gradient g: UnsafePointer<Rule.Lane>,
  state: Rule.Storage
) {
  let coefficients = rules.map { $0.coefficients(at: t) }
  nonisolated(unsafe) let (θ, g) = (θ, g)
  @Sendable func run(_ part: Range<Int>) {
    for segment in segments {
      let lanes = segment.lanes.clamped(to: part)
      if !lanes.isEmpty {
        rules[segment.group].update(
          lanes: lanes, parameters: θ, gradient: g, gradientScale: gradientScale, state: state,
          coefficients[segment.group])
      }
    }
  }
  if threads == 1 {
    run(0..<laneCount)
  } else {
    // Whole blocks of the layout: what is stored for several lanes belongs to one thread.
    let block = ParameterLayout.alignment / Rule.Scalar.laneWidth
    let share = (laneCount / block + threads - 1) / threads * block
    DispatchQueue.concurrentPerform(iterations: threads) { thread in
      run(min(thread * share, laneCount)..<min((thread + 1) * share, laneCount))
    }
  }
}
