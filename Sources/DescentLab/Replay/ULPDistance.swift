import Descent

/// The distance of `a` and `b` in units in the last place: the count of the type's numbers from one to the other.
///
/// It is 0 for equal numbers, for +0 and −0, and for two NaNs, and 1 for neighbours. From the negative number nearest
/// to zero to the positive one nearest to zero it is 2. The distance from a number to zero counts all numbers
/// between: more than 10⁹ in float32 from 1 to 0, because units are very small near zero. Infinity is the neighbour
/// of the largest finite number. The distance between a number and a NaN is `UInt64.max`.
func ulpDistance<Scalar: LaneScalar>(_ a: Scalar, _ b: Scalar) -> UInt64 {
  if a == b { return 0 }
  if a.isNaN || b.isNaN { return a.isNaN && b.isNaN ? 0 : .max }
  let (rankA, rankB) = (rank(a), rank(b))
  return (a.sign == b.sign) ? max(rankA, rankB) - min(rankA, rankB) : rankA + rankB
}

/// How many numbers lie between zero and `x`, `x` included.
private func rank<Scalar: LaneScalar>(_ x: Scalar) -> UInt64 {
  UInt64(x.exponentBitPattern) << UInt64(Scalar.significandBitCount) | UInt64(x.significandBitPattern)
}
