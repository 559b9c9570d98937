import Dispatch

/// What a rule does with its state and with a range of lanes. Only this part of an optimizer is compiled for each
/// rule, where its type is known. All else is compiled once, for any rule.
@usableFromInline
package struct Pass<Rule: ElementwiseRule>: Sendable where Rule.Scalar: LaneScalar {
  @usableFromInline
  package typealias Update =
    @Sendable (
      _ rule: Rule, _ coefficients: Rule.Coefficients, _ gradientScale: Rule.Scalar, _ lanes: Range<Int>,
      _ parameters: UnsafeMutablePointer<Rule.Lane>, _ gradient: UnsafePointer<Rule.Lane>, _ state: Rule.Storage
    ) -> Void
  @usableFromInline
  package typealias Start = @Sendable (_ rule: Rule, _ parameters: ParameterVector<Rule.Scalar>) -> Rule.Storage

  @usableFromInline let update: Update
  @usableFromInline let start: Start

  @inlinable @inline(__always)
  package init() {
    update = { rule, c, gradientScale, lanes, θ, g, state in
      rule.update(lanes: lanes, parameters: θ, gradient: g, gradientScale: gradientScale, state: state, c)
    }
    start = { rule, θ in rule.initialStorage(for: θ) }
  }
}

extension Pass {
  /// How many lanes stay in a near cache with their gradient and state: whole blocks of the layout.
  private static var lanesInCache: Int { 256 }

  /// Applies each group's rule to its segments within `lanes`, on `threads` threads that share the lanes evenly.
  func run(
    _ rules: [Rule], _ coefficients: [Rule.Coefficients], gradientScale: Rule.Scalar, segments: [Segment],
    lanes all: Range<Int>, threads: Int, parameters θ: UnsafeMutablePointer<Rule.Lane>,
    gradient g: UnsafePointer<Rule.Lane>, state: Rule.Storage, then finish: StepFinish<Rule.Scalar>? = nil
  ) {
    nonisolated(unsafe) let (θ, g) = (θ, g)
    @Sendable func run(_ part: Range<Int>) {
      for segment in segments {
        let lanes = segment.lanes.clamped(to: part)
        if lanes.isEmpty { continue }
        guard let finish else {
          update(rules[segment.group], coefficients[segment.group], gradientScale, lanes, θ, g, state)
          continue
        }
        for start in stride(from: lanes.lowerBound, to: lanes.upperBound, by: Self.lanesInCache) {
          let chunk = start..<min(start + Self.lanesInCache, lanes.upperBound)
          update(rules[segment.group], coefficients[segment.group], gradientScale, chunk, θ, g, state)
          finish(θ, chunk)
        }
      }
    }
    if threads == 1 {
      run(all)
    } else {
      // Whole blocks of the layout: numbers stored for several lanes together belong to one thread.
      let block = ParameterLayout.alignment / Rule.Scalar.laneWidth
      let share = (all.count / block + threads - 1) / threads * block
      DispatchQueue.concurrentPerform(iterations: threads) { thread in
        let start = min(all.lowerBound + thread * share, all.upperBound)
        run(start..<min(start + share, all.upperBound))
      }
    }
  }
}
