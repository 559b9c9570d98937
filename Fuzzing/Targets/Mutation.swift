import Descent

/// Damages inputs; the same stream always gives the same damage.
public struct Mutation {
  private let seeds: [[UInt8]]
  private var stream: RandomStream

  /// - Parameter seeds: Valid inputs, at least one.
  public init(of seeds: [[UInt8]], stream: RandomStream) {
    self.seeds = seeds
    self.stream = stream
  }

  /// One of the seeds, damaged in one to four ways.
  public mutating func next() -> [UInt8] {
    var bytes = seeds[stream.integer(below: seeds.count)]
    for _ in 0...stream.integer(below: 4) where !bytes.isEmpty { damage(&bytes) }
    return bytes
  }

  /// Bytes that have a meaning in some of the formats.
  private static let telling: [UInt8] = [0, 1, 127, 128, 255] + Array("09-.,:;=()[]{}'\"\\ \neE".utf8)
  private static let numbers = ["-1", "9223372036854775807", "9223372036854775808", "1e300", "nan", "0", "4294967296"]

  private mutating func damage(_ bytes: inout [UInt8]) {
    let i = stream.integer(below: bytes.count)
    switch stream.integer(below: 9) {
    case 0: bytes[i] ^= 1 << UInt8(stream.integer(below: 8))
    case 1: bytes[i] = Self.telling[stream.integer(below: Self.telling.count)]
    case 2: bytes.removeLast(stream.integer(below: bytes.count + 1))
    case 3: bytes.insert(UInt8(truncatingIfNeeded: stream.next()), at: i)
    case 4: bytes.removeSubrange(i..<min(i + 1 + stream.integer(below: 8), bytes.count))
    case 5: bytes.insert(contentsOf: bytes[i...].prefix(40), at: stream.integer(below: bytes.count + 1))
    case 6: for k in i..<min(i + 8, bytes.count) { bytes[k] = 255 }
    case 7:
      // Replaces a number by another.
      let digits = bytes[i...].prefix { (48...57).contains($0) }
      bytes.replaceSubrange(digits.indices, with: Self.numbers[stream.integer(below: Self.numbers.count)].utf8)
    default:
      let other = seeds[stream.integer(below: seeds.count)]
      guard !other.isEmpty else { return }
      let start = stream.integer(below: other.count)
      bytes.replaceSubrange(i..<min(i + 20, bytes.count), with: other[start...].prefix(20))
    }
  }
}
