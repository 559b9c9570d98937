import Foundation
import TestSupport
import Testing

@testable import DescentData

@Suite struct MD5Tests {
  private func digest(_ pieces: [[UInt8]]) -> String {
    var digest = MD5()
    for piece in pieces { piece.withUnsafeBytes { digest.update($0) } }
    return digest.finish()
  }

  /// The test suite of RFC 1321.
  @Test(arguments: [
    ("", "d41d8cd98f00b204e9800998ecf8427e"), ("a", "0cc175b9c0f1b6a831c399e269772661"),
    ("abc", "900150983cd24fb0d6963f7d28e17f72"), ("message digest", "f96b697d7cb7938d525a2f31aaf161d0"),
    ("abcdefghijklmnopqrstuvwxyz", "c3fcd3d76192e4007dfb496cca67e13b"),
    ("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789", "d174ab98d277d9f5a5611c2c9f419d9f"),
    (String(repeating: "1234567890", count: 8), "57edf4a22be3c955ac49da2e2107b67a"),
  ]) func publishedVectors(text: String, expected: String) { #expect(digest([Array(text.utf8)]) == expected) }

  @Test func piecesMakeNoDifference() {
    let bytes = (0..<300).map { UInt8($0 % 251) }
    let whole = digest([bytes])
    for cut in [0, 1, 55, 56, 63, 64, 65, 119, 128, 299] {
      #expect(digest([Array(bytes[..<cut]), [], Array(bytes[cut...])]) == whole)
    }
  }

  /// The published checksum of MNIST's training images, not compressed.
  @Test(.enabled(if: RealData.has("mnist"), RealData.missing("mnist"))) func realFile() throws {
    let folder = try TemporaryFolder()
    let source = RealData.root.appending(path: "mnist/t10k-labels-idx1-ubyte.gz").path(percentEncoded: false)
    try run("gzip -dc '\(source)' > '\(folder.path("labels"))'")
    #expect(try MD5.ofFile(folder.path("labels")) == "27ae3e4e09519cfbb04c329615203637")
  }
}
