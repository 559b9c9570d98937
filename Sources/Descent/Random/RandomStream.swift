import RealModule

/// A stream of random numbers that is a pure function of a seed, a name and a position.
///
/// Every use has its own stream (`"shuffle"`, `"dropout"`, …), so drawing more numbers in one place changes nothing in
/// another. The position is part of the value: a stream saved and restored goes on with the same bits. ``substream(_:)``
/// reaches the numbers of an epoch, a step or a sample directly.
public struct RandomStream: RandomNumberGenerator, Codable, Hashable, Sendable {
  /// Derived from seed and name.
  public let key: UInt64
  /// Which of the key's 2⁶⁴ substreams this is.
  public let index: UInt64
  /// How many 64-bit words have been drawn.
  public var position: UInt64 = 0

  /// The stream for the use called `name` in the run that started from `seed`.
  public init(seed: UInt64, name: String) {
    // FNV-1a of the name, mixed with the seed by SplitMix64's finalizer: equal on every platform.
    let hash = name.utf8.reduce(0xCBF2_9CE4_8422_2325 as UInt64) { ($0 ^ UInt64($1)) &* 0x100_0000_01B3 }
    key = Self.mix(hash ^ Self.mix(seed &+ 0x9E37_79B9_7F4A_7C15))
    index = 0
  }

  private init(key: UInt64, index: UInt64) {
    self.key = key
    self.index = index
  }

  /// The independent stream number `index` of this stream's use: of epoch, step or sample `index`, for example.
  /// Substreams do not nest: the substream of a substream replaces its index.
  public func substream(_ index: UInt64) -> RandomStream { RandomStream(key: key, index: index) }

  /// The 64-bit word at `position`, no matter what has been drawn.
  public subscript(position: UInt64) -> UInt64 {
    let block = Self.block(position / 2, index: index, key: key)
    return position % 2 == 0 ? Self.word(block.x, block.y) : Self.word(block.z, block.w)
  }

  public mutating func next() -> UInt64 {
    defer { position &+= 1 }
    return self[position]
  }

  /// A number in [0, 1), a multiple of 2⁻⁵³.
  public mutating func uniform() -> Double { Double(next() >> 11) * 0x1p-53 }

  /// A number in `range`.
  public mutating func uniform(in range: Range<Double>) -> Double {
    range.lowerBound + (range.upperBound - range.lowerBound) * uniform()
  }

  /// A whole number in 0..<`bound`, each with the same probability (Lemire's rejection).
  public mutating func integer(below bound: Int) -> Int {
    precondition(bound > 0, "bound must be positive")
    let n = UInt64(bound)
    var product = next().multipliedFullWidth(by: n)
    if product.low < n {
      let threshold = (0 &- n) % n
      while product.low < threshold { product = next().multipliedFullWidth(by: n) }
    }
    return Int(product.high)
  }

  /// A number from N(0, 1) (Box and Muller's transform; draws two words).
  public mutating func normal() -> Double {
    let u = 1 - uniform()
    let angle = 2 * Double.pi * uniform()
    return (-2 * Double.log(u)).squareRoot() * Double.cos(angle)
  }

  /// 0..<`count` in random order (Fisher and Yates).
  public mutating func permutation(of count: Int) -> [Int32] {
    var order = (0..<Int32(count)).map { $0 }
    for i in stride(from: count - 1, to: 0, by: -1) { order.swapAt(i, integer(below: i + 1)) }
    return order
  }

  private static func block(_ counter: UInt64, index: UInt64, key: UInt64) -> SIMD4<UInt32> {
    Philox.block(
      SIMD4(
        UInt32(truncatingIfNeeded: counter), UInt32(truncatingIfNeeded: counter >> 32),
        UInt32(truncatingIfNeeded: index), UInt32(truncatingIfNeeded: index >> 32)),
      key: SIMD2(UInt32(truncatingIfNeeded: key), UInt32(truncatingIfNeeded: key >> 32)))
  }

  private static func word(_ low: UInt32, _ high: UInt32) -> UInt64 { UInt64(high) << 32 | UInt64(low) }

  private static func mix(_ x: UInt64) -> UInt64 {
    var z = x
    z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
    return z ^ (z >> 31)
  }
}
