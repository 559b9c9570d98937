import Dispatch

/// Up to four sums that one pass over the lanes computes.
public typealias Sums = SIMD4<Double>

/// Runs `body` over the lanes 0, …, `count` − 1 in parts, on `threads` threads, and adds up what it returns.
///
/// The parts and the order of the additions depend on `count` alone, so the number of threads changes no bit. A pass that only
/// writes returns zero.
@inlinable
@discardableResult
public func summed(
  lanes count: Int, threads: Int, _ body: @Sendable (_ lanes: Range<Int>) -> Sums
) -> Sums {
  let length = 2048
  let parts = (count + length - 1) / length
  guard threads > 1, parts > 2 * threads else {
    var sums = Sums.zero
    for part in 0..<parts { sums += body(part * length..<min(count, (part + 1) * length)) }
    return sums
  }
  return withUnsafeTemporaryAllocation(of: Sums.self, capacity: parts) { buffer in
    nonisolated(unsafe) let buffer = buffer
    DispatchQueue.concurrentPerform(iterations: threads) { thread in
      for part in stride(from: thread, to: parts, by: threads) {
        buffer[part] = body(part * length..<min(count, (part + 1) * length))
      }
    }
    var sums = Sums.zero
    for part in 0..<parts { sums += buffer[part] }
    return sums
  }
}
