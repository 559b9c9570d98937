import Descent
import Foundation
import Testing

@Suite struct RandomStreamTests {
  @Test func aPositionIsReachedDirectly() {
    var stream = RandomStream(seed: 9, name: "a")
    let drawn = (0..<10).map { _ in stream.next() }
    let fresh = RandomStream(seed: 9, name: "a")
    #expect(drawn == (0..<10).map { fresh[$0] })
  }

  @Test func goesOnWhereItWasSaved() throws {
    var stream = RandomStream(seed: 9, name: "a").substream(4)
    for _ in 0..<7 { _ = stream.next() }
    var restored = try JSONDecoder().decode(RandomStream.self, from: JSONEncoder().encode(stream))
    #expect((0..<20).allSatisfy { _ in restored.next() == stream.next() })
  }

  @Test func streamsDiffer() {
    let first = RandomStream(seed: 1, name: "a")[0]
    #expect(first != RandomStream(seed: 2, name: "a")[0])
    #expect(first != RandomStream(seed: 1, name: "b")[0])
    #expect(first != RandomStream(seed: 1, name: "a").substream(1)[0])
  }

  @Test func momentsOfTheDistributions() {
    var stream = RandomStream(seed: 3, name: "moments")
    let count = 200_000
    let uniform = (0..<count).map { _ in stream.uniform() }
    #expect(abs(uniform.reduce(0, +) / Double(count) - 0.5) < 0.003)
    #expect(uniform.allSatisfy { $0 >= 0 && $0 < 1 })
    let normal = (0..<count).map { _ in stream.normal() }
    for (power, expected, tolerance) in [(1.0, 0.0, 0.01), (2, 1, 0.02), (3, 0, 0.05), (4, 3, 0.12)] {
      let moment = normal.reduce(0) { $0 + pow($1, power) } / Double(count)
      #expect(abs(moment - expected) < tolerance, "moment \(power): \(moment)")
    }
    var counts = [Int](repeating: 0, count: 7)
    for _ in 0..<70_000 { counts[stream.integer(below: 7)] += 1 }
    let χ2 = counts.reduce(0) { $0 + pow(Double($1) - 10_000, 2) / 10_000 }
    #expect(χ2 < 22.5, "six degrees of freedom, p = 0.001")
  }

  @Test func permutations() {
    var stream = RandomStream(seed: 3, name: "permutation")
    #expect(stream.permutation(of: 1000).sorted() == (0..<1000).map { Int32($0) })
    #expect(stream.permutation(of: 0).isEmpty && stream.permutation(of: 1) == [0])
    var counts: [[Int32]: Int] = [:]
    for _ in 0..<24_000 { counts[stream.permutation(of: 4), default: 0] += 1 }
    #expect(counts.count == 24)
    let χ2 = counts.values.reduce(0) { $0 + pow(Double($1) - 1000, 2) / 1000 }
    #expect(χ2 < 49.7, "23 degrees of freedom, p = 0.001")
  }

  @Test func bulkWordsAreTheStreams() {
    var stream = RandomStream(seed: 5, name: "bulk")
    var words = [UInt32](repeating: 0, count: 10)
    words.withUnsafeMutableBufferPointer { stream.fillWords($0) }
    let fresh = RandomStream(seed: 5, name: "bulk")
    for i in 0..<5 {
      #expect(fresh[UInt64(i)] == UInt64(words[2 * i + 1]) << 32 | UInt64(words[2 * i]))
    }
    #expect(stream.position == 6)
  }

  /// Sixteen blocks at once equal single blocks, wherever the filling starts and ends.
  @Test(arguments: [1, 3, 4, 63, 64, 65, 127, 128, 300])
  func bulkWordsOfAnyCount(count: Int) {
    let fresh = RandomStream(seed: 5, name: "bulk").substream(1 << 40)
    var stream = fresh
    // Counters beyond 2³² too.
    stream.position = (1 << 33) - 8
    let start = stream.position
    var words = [UInt32](repeating: 0, count: count)
    words.withUnsafeMutableBufferPointer { stream.fillWords($0) }
    for i in 0..<count {
      let word = fresh[start + UInt64(i / 2)]
      #expect(words[i] == UInt32(truncatingIfNeeded: i % 2 == 0 ? word : word >> 32))
    }
    #expect(stream.position == start + UInt64((count + 3) / 4 * 2))
  }

  /// Box and Muller's transform of the stream's words, computed separately.
  @Test func bulkNormals() {
    let fresh = RandomStream(seed: 5, name: "normals")
    let count = 32 * 4000 + 5
    var stream = fresh
    var normals = [Float](repeating: 0, count: count)
    normals.withUnsafeMutableBufferPointer { stream.fillNormal($0) }
    stream = fresh
    var words = [UInt32](repeating: 0, count: (count + 31) / 32 * 32)
    words.withUnsafeMutableBufferPointer { stream.fillWords($0) }
    var largest = 0.0
    for i in 0..<count {
      let first = i - i % 32 + i % 16
      let radius = (-2 * log((Double(words[first]) + 1) * 0x1p-32)).squareRoot()
      let angle = 2 * Double.pi * Double(words[first + 16]) * 0x1p-32
      largest = max(largest, abs(Double(normals[i]) - radius * (i % 32 < 16 ? cos(angle) : sin(angle))))
    }
    #expect(largest < 6e-7)
    for (power, expected, tolerance) in [(1.0, 0.0, 0.01), (2, 1, 0.02), (3, 0, 0.05), (4, 3, 0.12)] {
      let moment = normals.reduce(0) { $0 + pow(Double($1), power) } / Double(count)
      #expect(abs(moment - expected) < tolerance, "moment \(power): \(moment)")
    }
  }
}
