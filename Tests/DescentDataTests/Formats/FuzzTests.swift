import Descent
import Foundation
import TestSupport
import Testing

@testable import DescentData

/// Whatever the bytes, a loader reads or refuses them; it never traps.
@Suite struct FuzzTests {
  private func mutated(_ bytes: [UInt8], _ stream: inout RandomStream) -> [UInt8] {
    var bytes = bytes
    for _ in 0...stream.integer(below: 4) {
      guard !bytes.isEmpty else { break }
      let i = stream.integer(below: bytes.count)
      switch stream.integer(below: 6) {
      case 0: bytes[i] ^= 1 << UInt8(stream.integer(below: 8))
      case 1: bytes[i] = [0, 1, 127, 128, 255, 32, 10, 58].randomElement(using: &stream)!
      case 2: bytes.removeLast(stream.integer(below: bytes.count + 1))
      case 3: bytes.insert(UInt8(truncatingIfNeeded: stream.next()), at: i)
      case 4: bytes.removeSubrange(i..<min(i + 3, bytes.count))
      default: bytes += bytes[i...].prefix(40)
      }
    }
    return bytes
  }

  private func fuzz(_ seeds: [[UInt8]], rounds: Int = 1500, _ read: (String) throws(DataError) -> Void) throws {
    let folder = try TemporaryFolder()
    var stream = RandomStream(seed: 1, name: "fuzz")
    var refused = 0
    for round in 0..<rounds {
      let path = try folder.write(mutated(seeds[round % seeds.count], &stream), "f")
      do throws(DataError) { try read(path) } catch {
        refused += 1
        #expect(error.description.contains(path))
      }
    }
    #expect(refused > rounds / 10)
  }

  @Test func idx() throws {
    let images = IDXTests.images(3)
    try fuzz([images, gzip(images)]) { path throws(DataError) in _ = try IDXArray(path: path, dimensions: 3) }
  }

  @Test func npy() throws {
    let folder = try TemporaryFolder()
    let seeds = try NPYArrayTests.arrays.map { array in
      try array.write(to: folder.path("a"))
      return Array(try Data(contentsOf: URL(filePath: folder.path("a"))))
    }
    try fuzz(seeds) { path throws(DataError) in _ = try NPYArray(contentsOf: path) }
  }

  @Test func libsvm() throws {
    let text = Array("+1 1:0.5 3:2\n-1\n-1 2:1 17:1e3\n2 5:7\n".utf8)
    try fuzz([text, gzip(text)]) { path throws(DataError) in
      let rows = try LIBSVMRows(path: path)
      _ = try rows.split(width: rows.width, classes: Set(rows.labels).sorted())
    }
  }
}
