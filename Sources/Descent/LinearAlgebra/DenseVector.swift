extension [Double] {
  /// Σ xᵢ yᵢ, in partial sums that the processor adds at once.
  package func dot(_ other: [Double]) -> Double {
    precondition(count == other.count, "the vectors differ in length")
    return withUnsafeBufferPointer { x in other.withUnsafeBufferPointer { x.dot($0) } }
  }

  /// ‖x‖.
  package var norm: Double { dot(self).squareRoot() }

  /// self ← self + scale · x.
  package mutating func add(_ x: [Double], times scale: Double = 1) {
    precondition(count == x.count, "the vectors differ in length")
    for i in indices { self[i] += scale * x[i] }
  }

  /// self ← factor · self.
  package mutating func scale(by factor: Double) {
    for i in indices { self[i] *= factor }
  }

  /// self − x.
  package func minus(_ x: [Double]) -> [Double] {
    var difference = self
    difference.add(x, times: -1)
    return difference
  }
}

extension UnsafeBufferPointer<Double> {
  /// Σ xᵢ yᵢ over the elements that both have, in partial sums that the processor adds at once.
  func dot(_ other: UnsafeBufferPointer<Double>) -> Double {
    let count = Swift.min(count, other.count)
    guard count > 0 else { return 0 }
    let (x, y) = (UnsafeRawPointer(baseAddress!), UnsafeRawPointer(other.baseAddress!))
    typealias Lane = SIMD8<Double>
    let inLanes = count / Lane.scalarCount * Lane.scalarCount
    var sums = Lane.zero
    for offset in stride(from: 0, to: inLanes * 8, by: Lane.scalarCount * 8) {
      sums +=
        x.loadUnaligned(fromByteOffset: offset, as: Lane.self) * y.loadUnaligned(fromByteOffset: offset, as: Lane.self)
    }
    var sum = sums.sum()
    for i in inLanes..<count { sum += self[i] * other[i] }
    return sum
  }
}

extension UnsafeMutableBufferPointer<Double> {
  /// self ← self + scale · x, for as many elements as self has.
  func add(_ x: UnsafePointer<Double>, times scale: Double) {
    guard let baseAddress else { return }
    let (to, from) = (UnsafeMutableRawPointer(baseAddress), UnsafeRawPointer(x))
    typealias Lane = SIMD8<Double>
    let inLanes = count / Lane.scalarCount * Lane.scalarCount
    for offset in stride(from: 0, to: inLanes * 8, by: Lane.scalarCount * 8) {
      let sum =
        to.loadUnaligned(fromByteOffset: offset, as: Lane.self)
        + scale * from.loadUnaligned(fromByteOffset: offset, as: Lane.self)
      to.storeBytes(of: sum, toByteOffset: offset, as: Lane.self)
    }
    for i in inLanes..<count { self[i] += scale * x[i] }
  }
}
