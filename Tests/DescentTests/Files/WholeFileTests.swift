import Descent
import Foundation
import TestSupport
import Testing

@Suite struct WholeFileTests {
  @Test func nothingIsToldFromWhatCannotBeRead() throws {
    let folder = try TemporaryFolder()
    let path = folder.path + "/a"
    #expect(try WholeFile.bytes(path) == nil)
    #expect(try WholeFile.bytes(folder.path + "/none/a") == nil)
    let content = (0..<200_000).map { UInt8(truncatingIfNeeded: $0 % 251) }
    try AtomicFile.write(content, to: path)
    #expect(try WholeFile.bytes(path) == content)
    try AtomicFile.write("ü", to: path)
    #expect(try WholeFile.text(path) == "ü")
    #expect(throws: FileError(.read, path: folder.path, code: EISDIR)) { try WholeFile.bytes(folder.path) }
    #expect(throws: FileError(.read, path: path + "/b", code: ENOTDIR)) { try WholeFile.bytes(path + "/b") }
    // Nobody ever writes to the pipe.
    #expect(mkfifo(folder.path + "/pipe", 0o600) == 0)
    #expect(throws: FileError(.read, path: folder.path + "/pipe", code: ESPIPE)) {
      try WholeFile.bytes(folder.path + "/pipe")
    }
  }
}
