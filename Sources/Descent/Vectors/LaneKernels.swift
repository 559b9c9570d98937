// Loops that are requirements of `LaneScalar`, so that `Float` and `Double` each have a specialized one: they stay
// fast if the scalar is not known at compile time, as behind `any GradientTransform`.

extension LaneScalar {
  public static func sumOfSquares(_ lanes: UnsafePointer<Lane>, count: Int, limit: Self) -> Double {
    var sum = Wide.zero
    for i in 0..<count {
      let x = widened(lanes[i].infinityAsNaN.limited(to: limit))
      sum += x * x
    }
    return sum.sum()
  }

  public static func squaredDistance(_ x: UnsafePointer<Lane>, _ y: UnsafePointer<Lane>, count: Int) -> Double {
    var sum = Wide.zero
    for i in 0..<count {
      let difference = widened(x[i]) - widened(y[i])
      sum += difference * difference
    }
    return sum.sum()
  }

  public static func countBelow(_ bound: Double, _ x: UnsafePointer<Lane>, count: Int) -> Int {
    // The least number that is not less than the bound: the same numbers lie below both.
    var least = Self(bound)
    if Double(least) < bound { least = least.nextUp }
    let (limit, one) = (Lane(repeating: least), Lane(repeating: 1))
    var total = 0.0
    // A part's sums are exact.
    for start in stride(from: 0, to: count, by: 65_536) {
      var sum = Lane.zero
      for i in start..<min(start + 65_536, count) { sum += select(one, Lane.zero, wherePositive: limit - x[i]) }
      total += Double(sum.sum())
    }
    return Int(total)
  }

  public static func add(_ x: UnsafePointer<Lane>, scale: Self, to y: UnsafeMutablePointer<Lane>, count: Int) {
    for i in 0..<count { y[i] += scale * x[i] }
  }

  public static func penalize(_ g: UnsafeMutablePointer<Lane>, _ x: UnsafePointer<Lane>, by λ: Self, count: Int) {
    for i in 0..<count { g[i] = (g[i].infinityAsNaN + λ * x[i]).finite }
  }

  public static func scale(_ y: UnsafeMutablePointer<Lane>, by factor: Self, count: Int) {
    for i in 0..<count { y[i] *= factor }
  }

  public static func decay(_ y: UnsafeMutablePointer<Lane>, toward x: UnsafePointer<Lane>, by w: Self, count: Int) {
    for i in 0..<count { y[i].decay(toward: x[i], by: w) }
  }

  public static func accumulate(
    _ g: UnsafePointer<Lane>, scale: Self, into total: UnsafeMutablePointer<Lane>,
    lost: UnsafeMutablePointer<Lane>, count: Int
  ) {
    for i in 0..<count {
      // Knuth's two-sum: `sum` and `error` together are exactly total + x.
      let x = (scale * g[i].infinityAsNaN).finite
      let sum = (total[i] + x).finite
      let virtual = sum - total[i]
      let error = (total[i] - (sum - virtual)) + (x - virtual)
      total[i] = sum
      lost[i] = (lost[i] + error).finite
    }
  }

  public static func finishMean(
    _ total: UnsafePointer<Lane>, lost: UnsafePointer<Lane>, dividedBy divisor: Self,
    into mean: UnsafeMutablePointer<Lane>, count: Int
  ) {
    let d = Lane(repeating: divisor)
    for i in 0..<count {
      // A quotient of rounded numbers, plus the part from its remainder: the exact quotient, rounded once. The fused
      // product is slow on processors without it, but is needed only once for all micro-batches.
      let quotient = (total[i] + lost[i]).finite / d
      let remainder = total[i].addingProduct(-quotient, d) + lost[i]
      mean[i] = (quotient + remainder / d).finite
    }
  }

  public static func multiply(
    _ a: MatrixView<Self>, _ b: MatrixView<Self>, into c: UnsafeMutablePointer<Self>, rowStride: Int,
    part: ProductPart, adds: Bool, threads: Int
  ) {
    MatrixProduct<Self>.multiply(a, b, into: c, rowStride: rowStride, part: part, adds: adds, threads: threads)
  }

  /// ‖x‖ over `count` lanes, even if Σ x² overflows or underflows in Double; at most the largest number.
  public static func norm(_ lanes: UnsafePointer<Lane>, count: Int) -> Double {
    let sum = sumOfSquares(lanes, count: count)
    if sum > 0x1p-960 && sum < .infinity { return sum.squareRoot() }
    var largest = 0.0
    for i in 0..<count {
      for j in lanes[i].indices {
        let x = Double(lanes[i][j]).magnitude
        // Written this way round so that NaN counts as the largest.
        if !(x <= largest) { largest = x }
        if x.isNaN { return x }
      }
    }
    guard largest > 0, largest.isFinite else { return sum + largest }
    var scaled = 0.0
    for i in 0..<count {
      for j in lanes[i].indices {
        let x = Double(lanes[i][j]) / largest
        scaled += x * x
      }
    }
    return Double.minimum(largest * scaled.squareRoot(), .greatestFiniteMagnitude)
  }

  /// The largest number for which `count` squares, or products of two such numbers, can be summed in `Double`: no
  /// limit for `Float`.
  @usableFromInline
  static func largestSummable(count: Int) -> Self {
    finite(0x1p511 / Double(count).squareRoot())
  }
}
