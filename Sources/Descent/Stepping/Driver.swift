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

/// One pass of `rule` over `range`: θ, gradient and state are read once and written once.
///
/// The rule's own loop, with nothing in it that depends on where it starts: a lane's bits do not depend on the split.
@inlinable
func update<Rule: UpdateRule>(
  _ rule: Rule, _ c: Rule.Coefficients, gradientScale: Rule.Scalar, lanes range: Range<Int>,
  parameters θ: UnsafeMutablePointer<Rule.Lane>, gradient g: UnsafePointer<Rule.Lane>,
  state: UnsafeMutablePointer<Rule.State>
) {
  for i in range {
    var x = θ[i]
    rule.update(&x, gradient: gradientScale * g[i], state: &state[i], c)
    θ[i] = x
  }
}

/// Applies each group's rule to its segments within `lanes`, on `threads` threads that share the lanes evenly.
@inlinable
func update<Rule: UpdateRule>(
  _ rules: [Rule], _ coefficients: [Rule.Coefficients], gradientScale: Rule.Scalar, segments: [Segment],
  lanes all: Range<Int>, threads: Int, parameters θ: UnsafeMutablePointer<Rule.Lane>,
  gradient g: UnsafePointer<Rule.Lane>, state: UnsafeMutablePointer<Rule.State>
) {
  nonisolated(unsafe) let (θ, g, state) = (θ, g, state)
  @Sendable func run(_ part: Range<Int>) {
    for segment in segments {
      let lanes = segment.lanes.clamped(to: part)
      if !lanes.isEmpty {
        update(
          rules[segment.group], coefficients[segment.group], gradientScale: gradientScale, lanes: lanes,
          parameters: θ, gradient: g, state: state)
      }
    }
  }
  if threads == 1 {
    run(all)
  } else {
    let share = (all.count + threads - 1) / threads
    DispatchQueue.concurrentPerform(iterations: threads) { thread in
      let start = min(all.lowerBound + thread * share, all.upperBound)
      run(start..<min(start + share, all.upperBound))
    }
  }
}
