import Descent

/// How many numbers of the type lie between `a` and `b`, one of the two counted: their distance in units in the last place.
///
/// 0 for equal numbers, for +0 and −0, and for two NaNs; 1 for neighbours. From the smallest negative number to the smallest
/// positive one it is 2. The distance from a number to zero counts all the numbers between, more than 10⁹ in float32 for 1:
/// near zero units are as small as the type has them. Infinity is the neighbour of the largest finite number. Between a number
/// and a NaN it is the largest distance there is, `UInt64.max`.
func ulpDistance<Scalar: LaneScalar>(_ a: Scalar, _ b: Scalar) -> UInt64 {
  if a == b { return 0 }
  if a.isNaN || b.isNaN { return a.isNaN && b.isNaN ? 0 : .max }
  let (rankA, rankB) = (rank(a), rank(b))
  return (a.sign == b.sign) ? max(rankA, rankB) - min(rankA, rankB) : rankA + rankB
}

/// How many numbers lie between zero and `x`, `x` counted.
private func rank<Scalar: LaneScalar>(_ x: Scalar) -> UInt64 {
  UInt64(x.exponentBitPattern) << UInt64(Scalar.significandBitCount) | UInt64(x.significandBitPattern)
}
