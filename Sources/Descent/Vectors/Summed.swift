import Dispatch

/// Two sums, or one and a zero, that one pass over the lanes computes.
@usableFromInline typealias SumPair = SIMD2<Double>

/// Runs `body` over the lanes 0, …, `count` − 1 in parts, on `threads` threads, and adds up what it returns.
///
/// The parts and the order of the additions depend on `count` alone, so the number of threads changes no bit. Each lane
/// must be touched by its own part alone.
@inlinable
func summed(lanes count: Int, threads: Int, _ body: (_ lanes: Range<Int>) -> SumPair) -> SumPair {
  let length = 2048
  let parts = (count + length - 1) / length
  guard threads > 1, parts > 2 * threads else {
    var sums = SumPair.zero
    for part in 0..<parts { sums += body(part * length..<min(count, (part + 1) * length)) }
    return sums
  }
  return withTemporaryMemory(of: SumPair.self, count: parts) { sums in
    withoutActuallyEscaping(body) { body in
      nonisolated(unsafe) let (body, sums) = (body, sums)
      DispatchQueue.concurrentPerform(iterations: parts) { part in
        sums[part] = body(part * length..<min(count, (part + 1) * length))
      }
    }
    return sums.reduce(.zero, +)
  }
}

/// Runs `body` over the lanes 0, …, `count` − 1 in parts, on `threads` threads.
@inlinable
func forEachLane(in count: Int, threads: Int, _ body: (_ lane: Int) -> Void) {
  _ = summed(lanes: count, threads: threads) { lanes in
    for i in lanes { body(i) }
    return .zero
  }
}
