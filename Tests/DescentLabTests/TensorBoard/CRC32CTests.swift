import Testing

@testable import DescentLab

@Suite struct CRC32CTests {
  /// RFC 3720, B.4, and the check value of the catalogue of parametrised CRC algorithms.
  @Test(
    arguments: [
      (Array(repeating: UInt8(0), count: 32), 0x8A91_36AA),
      (Array(repeating: UInt8(0xFF), count: 32), 0x62A8_AB43),
      (Array(UInt8(0)..<32), 0x46DD_794E),
      (Array((UInt8(0)..<32).reversed()), 0x113F_DB5C),
      (Array("123456789".utf8), 0xE306_9283),
      ([], 0),
    ] as [([UInt8], UInt32)])
  func agreesWithKnownAnswers(_ bytes: [UInt8], _ expected: UInt32) {
    #expect(CRC32C.checksum(bytes) == expected)
  }

  /// The inverse that TFRecord's readers use.
  @Test func maskCanBeTakenOff() {
    let masked = CRC32C.masked(Array("123456789".utf8))
    let rotated = masked &- 0xA282_EAD8
    #expect(rotated >> 17 | rotated << 15 == 0xE306_9283)
  }
}
