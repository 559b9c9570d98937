/// Philox4x32-10, the counter-based generator of Salmon, Moraes, Dror and Shaw, "Parallel random numbers: as easy as
/// 1, 2, 3" (SC 2011): a bijection of 128-bit counters for each 64-bit key, so any position is reached at once.
public enum Philox {
  /// The four 32-bit words at `counter` of the stream `key`.
  @inlinable
  public static func block(_ counter: SIMD4<UInt32>, key: SIMD2<UInt32>) -> SIMD4<UInt32> {
    var c = counter
    var k = key
    for _ in 0..<10 {
      let p0 = UInt64(c.x) &* 0xD251_1F53
      let p1 = UInt64(c.z) &* 0xCD9E_8D57
      c = SIMD4(
        UInt32(truncatingIfNeeded: p1 >> 32) ^ c.y ^ k.x, UInt32(truncatingIfNeeded: p1),
        UInt32(truncatingIfNeeded: p0 >> 32) ^ c.w ^ k.y, UInt32(truncatingIfNeeded: p0))
      k.x &+= 0x9E37_79B9
      k.y &+= 0xBB67_AE85
    }
    return c
  }
}
