import Dispatch

extension ParameterVector where Scalar: LaneScalar {
  /// Σ x² of all elements, in Double. The order of the additions depends on the layout alone, so the number of threads
  /// changes no bit.
  public func sumOfSquares(threads: Int = 1) -> Double {
    sum(threads: threads) { Scalar.sumOfSquares($0, count: $1) }
  }

  /// The same with each |x| at most `limit`; NaN if an x is not finite.
  @usableFromInline
  func sumOfSquares(limit: Scalar, threads: Int) -> Double {
    sum(threads: threads) { Scalar.sumOfSquares($0, count: $1, limit: limit) }
  }

  private func sum(
    threads: Int, _ part: @Sendable (_ lanes: UnsafePointer<Scalar.Lane>, _ count: Int) -> Double
  ) -> Double {
    let blockLength = 2048
    let blockCount = (laneCount + blockLength - 1) / blockLength
    guard blockCount > 0 else { return 0 }
    return withUnsafeLanes { lanes in
      nonisolated(unsafe) let lanes = lanes
      let sums = [Double](unsafeUninitializedCapacity: blockCount) { buffer, count in
        nonisolated(unsafe) let buffer = buffer
        let laneCount = laneCount
        @Sendable func sum(_ block: Int) {
          let start = block * blockLength
          buffer[block] = part(lanes + start, min(blockLength, laneCount - start))
        }
        if threads > 1, blockCount > 2 * threads {
          DispatchQueue.concurrentPerform(iterations: blockCount, execute: sum)
        } else {
          for block in 0..<blockCount { sum(block) }
        }
        count = blockCount
      }
      return sums.reduce(0, +)
    }
  }

  /// ‖x‖, the Euclidean norm of all elements, at most the largest number; infinity or NaN only if an element is.
  public func norm(threads: Int = 1) -> Double {
    let sum = sumOfSquares(threads: threads)
    if sum.isFinite && sum > Double.leastNormalMagnitude { return sum.squareRoot() }
    return withUnsafeLanes { Scalar.norm($0, count: laneCount) }
  }

  /// The first block with an element that is infinite or not a number, if there is one.
  public var firstNonFiniteBlock: ParameterLayout.Block? {
    withUnsafeElements { elements in
      layout.blocks.first { block in elements[block.elements].contains { !$0.isFinite } }
    }
  }
}
