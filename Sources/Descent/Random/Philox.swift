/// Philox4x32-10, the counter-based generator of Salmon, Moraes, Dror and Shaw, "Parallel random numbers: as easy as
/// 1, 2, 3" (SC 2011): a bijection of 128-bit counters for each 64-bit key. So any position can be computed directly.
public enum Philox {
  /// The four 32-bit words at `counter` of the stream `key`.
  @inlinable @inline(__always)
  public static func block(_ counter: SIMD4<UInt32>, key: SIMD2<UInt32>) -> SIMD4<UInt32> {
    // Scalars: a SIMD4 would be taken apart and put together again in each round, which is four times as slow.
    var (x, y, z, w) = (counter.x, counter.y, counter.z, counter.w)
    var (k0, k1) = (key.x, key.y)
    for _ in 0..<10 {
      let p0 = UInt64(x) &* 0xD251_1F53
      let p1 = UInt64(z) &* 0xCD9E_8D57
      x = UInt32(truncatingIfNeeded: p1 >> 32) ^ y ^ k0
      y = UInt32(truncatingIfNeeded: p1)
      z = UInt32(truncatingIfNeeded: p0 >> 32) ^ w ^ k1
      w = UInt32(truncatingIfNeeded: p0)
      k0 &+= 0x9E37_79B9
      k1 &+= 0xBB67_AE85
    }
    return SIMD4(x, y, z, w)
  }
}
