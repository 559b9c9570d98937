/// What kind of numbers each of a rule's slots holds, in order: this decides whether a quantized state may round them.
///
/// ```swift
/// static var slotKinds: SlotKinds { .signed + .nonNegative }   // m, v
/// ```
@frozen public struct SlotKinds: Hashable, Sendable {
  public let count: Int
  // Bits, not an array: the compiler knows them when it specializes a pass.
  @usableFromInline let nonNegativeBits, exactBits: UInt64

  @inlinable @inline(__always)
  init(count: Int, nonNegativeBits: UInt64, exactBits: UInt64) {
    self.count = count
    self.nonNegativeBits = nonNegativeBits
    self.exactBits = exactBits
  }

  /// For a rule without slots, or one that does not declare what they hold.
  @inlinable @inline(__always) public static var none: Self { Self(count: 0, nonNegativeBits: 0, exactBits: 0) }
  /// A mean or sum of gradients, or a step: the noise of the gradients hides a rounding of a few per cent.
  @inlinable @inline(__always) public static var signed: Self { Self(count: 1, nonNegativeBits: 0, exactBits: 0) }
  /// A mean, sum or maximum of squares or magnitudes: never negative, and never rounded to zero, because steps are
  /// divided by it.
  @inlinable @inline(__always) public static var nonNegative: Self { Self(count: 1, nonNegativeBits: 1, exactBits: 0) }
  /// Parameters or an average of them, a step size, a counter: numbers that must not be rounded.
  @inlinable @inline(__always) public static var exact: Self { Self(count: 1, nonNegativeBits: 0, exactBits: 1) }

  /// The slots of `a`, then those of `b`.
  @inlinable @inline(__always) public static func + (a: Self, b: Self) -> Self {
    Self(
      count: a.count + b.count, nonNegativeBits: a.nonNegativeBits | b.nonNegativeBits << UInt64(a.count),
      exactBits: a.exactBits | b.exactBits << UInt64(a.count))
  }

  @inlinable @inline(__always) func isNonNegative(_ slot: Int) -> Bool { nonNegativeBits >> UInt64(slot) & 1 != 0 }
  @inlinable @inline(__always) func isExact(_ slot: Int) -> Bool { exactBits >> UInt64(slot) & 1 != 0 }
  @inlinable @inline(__always) var exactCount: Int { exactBits.nonzeroBitCount }
  @inlinable @inline(__always) var roundedCount: Int { count - exactCount }
  /// How many slots before `slot` are of the same sort: its place among the exact or the rounded ones.
  @inlinable @inline(__always) func place(of slot: Int) -> Int {
    let before = (exactBits & (1 << UInt64(slot) - 1)).nonzeroBitCount
    return isExact(slot) ? before : slot - before
  }
}
