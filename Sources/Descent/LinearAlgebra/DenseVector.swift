extension [Double] {
  /// Σ xᵢ yᵢ, in four partial sums that the processor adds at once.
  package func dot(_ other: [Double]) -> Double {
    precondition(count == other.count, "the vectors differ in length")
    return withUnsafeBufferPointer { x in
      other.withUnsafeBufferPointer { y in
        var sums = SIMD4<Double>.zero
        var i = 0
        while i + 4 <= x.count {
          let a = SIMD4(x[i], x[i + 1], x[i + 2], x[i + 3])
          let b = SIMD4(y[i], y[i + 1], y[i + 2], y[i + 3])
          sums += a * b
          i += 4
        }
        var sum = sums.sum()
        while i < x.count {
          sum += x[i] * y[i]
          i += 1
        }
        return sum
      }
    }
  }

  /// ‖x‖.
  package var norm: Double { dot(self).squareRoot() }

  /// self ← self + scale · x.
  package mutating func add(_ x: [Double], times scale: Double = 1) {
    precondition(count == x.count, "the vectors differ in length")
    for i in indices { self[i] += scale * x[i] }
  }

  /// self − x.
  package func minus(_ x: [Double]) -> [Double] {
    var difference = self
    difference.add(x, times: -1)
    return difference
  }
}
