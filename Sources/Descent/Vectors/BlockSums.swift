// Sums over each block of a layout, added in an order that depends on the layout alone.

extension ParameterVector where Scalar: LaneScalar {
  /// Σ x² of each block, in Double.
  package func sumsOfSquaresByBlock() -> [Double] {
    withUnsafeLanes { x in
      byBlock { lanes in Scalar.sumOfSquares(x + lanes.lowerBound, count: lanes.count) }
    }
  }

  /// Σ x y of each block, in Double.
  package func dotsByBlock(_ other: Self) -> [Double] {
    precondition(laneCount == other.laneCount, "the vectors differ in length")
    return withUnsafeLanes { x in
      other.withUnsafeLanes { y in
        byBlock { lanes in Scalar.dot(x + lanes.lowerBound, y + lanes.lowerBound, count: lanes.count) }
      }
    }
  }

  /// Σ (x − y)² of each block, in Double: exact if x and y are nearly the same.
  package func squaredDistancesByBlock(to other: Self) -> [Double] {
    precondition(laneCount == other.laneCount, "the vectors differ in length")
    return withUnsafeLanes { x in
      other.withUnsafeLanes { y in
        byBlock { lanes in Scalar.squaredDistance(x + lanes.lowerBound, y + lanes.lowerBound, count: lanes.count) }
      }
    }
  }

  /// How many elements of each block are less than the block's number in `bounds`. No bound may be negative.
  package func countsByBlock(below bounds: [Double]) -> [Int] {
    precondition(bounds.count == layout.blocks.count, "there must be a bound for each block")
    return withUnsafeLanes { x in
      layout.blocks.indices.map { i in
        let lanes = layout.lanes(ofBlock: i, width: Scalar.laneWidth)
        guard bounds[i] > 0 else { return 0 }
        let count = Scalar.countBelow(bounds[i], x + lanes.lowerBound, count: lanes.count)
        // The padding's zeros are below every positive bound.
        return count - (lanes.count * Scalar.laneWidth - layout.blocks[i].count)
      }
    }
  }

  private func byBlock(_ sum: (_ lanes: Range<Int>) -> Double) -> [Double] {
    layout.blocks.indices.map { sum(layout.lanes(ofBlock: $0, width: Scalar.laneWidth)) }
  }
}
