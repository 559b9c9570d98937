// Loops that are requirements of `LaneScalar`, so that `Float` and `Double` each have a specialized one: they stay fast
// where the scalar is not known at compile time, behind `any GradientTransform`.

extension LaneScalar {
  public static func accumulate(
    _ g: UnsafePointer<Lane>, scale: Self, into total: UnsafeMutablePointer<Lane>,
    lost: UnsafeMutablePointer<Lane>, count: Int
  ) {
    for i in 0..<count {
      // Knuth's two-sum: `sum` and `error` together are exactly total + x.
      let x = scale * g[i]
      let sum = total[i] + x
      let virtual = sum - total[i]
      let error = (total[i] - (sum - virtual)) + (x - virtual)
      total[i] = sum
      lost[i] += error
    }
  }

  public static func finishMean(
    _ total: UnsafePointer<Lane>, lost: UnsafePointer<Lane>, dividedBy divisor: Self,
    into mean: UnsafeMutablePointer<Lane>, count: Int
  ) {
    let d = Lane(repeating: divisor)
    for i in 0..<count {
      // A quotient of rounded numbers, and what its remainder adds: the exact quotient, rounded once. The fused product
      // is slow on processors without it, but needed only once for all micro-batches.
      let quotient = (total[i] + lost[i]) / d
      let remainder = total[i].addingProduct(-quotient, d) + lost[i]
      mean[i] = quotient + remainder / d
    }
  }

  public static func multiply(
    _ a: MatrixView<Self>, _ b: MatrixView<Self>, into c: UnsafeMutablePointer<Self>, isSymmetric: Bool
  ) {
    MatrixProduct<Self>.multiply(a, b, into: c, isSymmetric: isSymmetric)
  }
}
