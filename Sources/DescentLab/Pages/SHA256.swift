/// The checksum SHA-256 of FIPS 180-4, by which a browser recognizes the scripts of a page.
enum SHA256 {
  /// The 32 bytes of the checksum of `message`.
  static func digest(of message: [UInt8]) -> [UInt8] {
    // The padding is a one, zeros and the number of bits; it makes the length a multiple of 64 bytes.
    let zeros = (119 - message.count % 64) % 64
    let bitCount = UInt64(message.count) * 8
    let padded =
      message + [0x80] + Array(repeating: 0, count: zeros)
      + (0..<8).map { UInt8(truncatingIfNeeded: bitCount >> (56 - 8 * $0)) }
    var state = roots(of: 2, count: 8)
    for start in stride(from: 0, to: padded.count, by: 64) { absorb(padded[start..<start + 64], into: &state) }
    return state.flatMap { word in (0..<4).map { UInt8(truncatingIfNeeded: word >> (24 - 8 * $0)) } }
  }

  private static let constants = roots(of: 3, count: 64)

  private static func absorb(_ block: ArraySlice<UInt8>, into state: inout [UInt32]) {
    var w = stride(from: block.startIndex, to: block.endIndex, by: 4).map { i in
      block[i..<i + 4].reduce(0) { $0 << 8 | UInt32($1) }
    }
    for t in 16..<64 {
      let σ0 = rotated(w[t - 15], 7) ^ rotated(w[t - 15], 18) ^ w[t - 15] >> 3
      let σ1 = rotated(w[t - 2], 17) ^ rotated(w[t - 2], 19) ^ w[t - 2] >> 10
      w.append(w[t - 16] &+ σ0 &+ w[t - 7] &+ σ1)
    }
    var (a, b, c, d) = (state[0], state[1], state[2], state[3])
    var (e, f, g, h) = (state[4], state[5], state[6], state[7])
    for t in 0..<64 {
      let Σ1 = rotated(e, 6) ^ rotated(e, 11) ^ rotated(e, 25)
      let Σ0 = rotated(a, 2) ^ rotated(a, 13) ^ rotated(a, 22)
      let first = h &+ Σ1 &+ (e & f ^ ~e & g) &+ constants[t] &+ w[t]
      let second = Σ0 &+ (a & b ^ a & c ^ b & c)
      (h, g, f, e, d, c, b, a) = (g, f, e, d &+ first, c, b, a, first &+ second)
    }
    state = zip(state, [a, b, c, d, e, f, g, h]).map { $0 &+ $1 }
  }

  private static func rotated(_ x: UInt32, _ bits: UInt32) -> UInt32 { x >> bits | x << (32 - bits) }

  /// The first 32 bits after the point of the square roots (degree 2) or cube roots (degree 3) of the first primes.
  private static func roots(of degree: Int, count: Int) -> [UInt32] {
    var primes: [UInt64] = []
    var next: UInt64 = 2
    while primes.count < count {
      if primes.allSatisfy({ next % $0 != 0 }) { primes.append(next) }
      next += 1
    }
    return primes.map { prime in
      // Find the largest r with r^degree ≤ prime · 2^(32 · degree), bit by bit; r is below 2^38, so r³ needs 114 bits.
      var root: UInt128 = 0
      let target = UInt128(prime) << (32 * UInt128(degree))
      for bit in stride(from: 37, through: 0, by: -1) {
        let trial = root | 1 << UInt128(bit)
        if (degree == 2 ? trial * trial : trial * trial * trial) <= target { root = trial }
      }
      return UInt32(truncatingIfNeeded: root)
    }
  }
}
