import Descent
import Foundation
import Testing

@Suite struct AtomicFileTests {
  let folder = FileManager.default.temporaryDirectory.appendingPathComponent("atomic-\(UUID().uuidString)").path

  init() throws { try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true) }

  private func names() throws -> [String] { try FileManager.default.contentsOfDirectory(atPath: folder).sorted() }

  @Test func replacesTheWholeContent() throws {
    defer { try? FileManager.default.removeItem(atPath: folder) }
    let path = folder + "/a.txt"
    try AtomicFile.write("a longer first version", to: path)
    try AtomicFile.write([0x68, 0x69], to: path)
    #expect(try String(contentsOfFile: path, encoding: .utf8) == "hi")
    #expect(try names() == ["a.txt"])
  }

  @Test func isInvisibleUntilCommittedAndLeavesNothingWithout() throws {
    defer { try? FileManager.default.removeItem(atPath: folder) }
    let path = folder + "/a.txt"
    try AtomicFile.write("old", to: path)
    do {
      var file = try AtomicFile(replacing: path)
      try file.write("new")
      #expect(try String(contentsOfFile: path, encoding: .utf8) == "old")
      #expect(try names().count == 2)
    }
    #expect(try names() == ["a.txt"])
    #expect(try String(contentsOfFile: path, encoding: .utf8) == "old")
  }

  private func permissions(_ path: String) throws -> Int? {
    try FileManager.default.attributesOfItem(atPath: path)[.posixPermissions] as? Int
  }

  @Test(arguments: [0o600, 0o640, 0o644, 0o666, 0o755, 0o400])
  func keepsThePermissionsOfWhatItReplaces(_ mode: Int) throws {
    defer { try? FileManager.default.removeItem(atPath: folder) }
    let path = folder + "/a.txt"
    try AtomicFile.write("old", to: path)
    try FileManager.default.setAttributes([.posixPermissions: mode], ofItemAtPath: path)
    var file = try AtomicFile(replacing: path)
    try file.write("new")
    let temporary = try #require(try names().first { $0 != "a.txt" })
    #expect(try permissions(folder + "/" + temporary) == mode)
    try file.commit()
    #expect(try permissions(path) == mode)
    #expect(try String(contentsOfFile: path, encoding: .utf8) == "new")
  }

  @Test func followsLinks() throws {
    defer { try? FileManager.default.removeItem(atPath: folder) }
    try AtomicFile.write("old", to: folder + "/a.txt")
    try FileManager.default.createSymbolicLink(atPath: folder + "/link", withDestinationPath: "a.txt")
    try AtomicFile.write("new", to: folder + "/link")
    #expect(try String(contentsOfFile: folder + "/a.txt", encoding: .utf8) == "new")
    #expect(try FileManager.default.destinationOfSymbolicLink(atPath: folder + "/link") == "a.txt")
  }

  private func link(_ name: String, to destination: String) throws {
    try FileManager.default.createSymbolicLink(atPath: "\(folder)/\(name)", withDestinationPath: destination)
  }

  /// As a shell does with `> link`: what the link leads to is created, and the link stays.
  @Test(arguments: ["a.txt", "sub/a.txt", "../\(UUID().uuidString).txt", "/absolute"])
  func createsWhatALinkLeadsTo(_ destination: String) throws {
    let outside = folder + "-elsewhere.txt"
    let destination = destination == "/absolute" ? outside : destination
    let target = destination.hasPrefix("/") ? destination : "\(folder)/\(destination)"
    defer { for path in [folder, target] { try? FileManager.default.removeItem(atPath: path) } }
    try FileManager.default.createDirectory(atPath: folder + "/sub", withIntermediateDirectories: true)
    try link("first", to: destination)
    try link("second", to: "first")
    try link("sub/third", to: "../second")
    try AtomicFile.write("new", to: folder + "/sub/third")
    #expect(try String(contentsOfFile: target, encoding: .utf8) == "new")
    #expect(try FileManager.default.destinationOfSymbolicLink(atPath: folder + "/first") == destination)
    #expect(try FileManager.default.destinationOfSymbolicLink(atPath: folder + "/sub/third") == "../second")
    #expect(try names().filter { $0.hasPrefix(".") } == [])
  }

  @Test func refusesLinksThatLeadNowhere() throws {
    defer { try? FileManager.default.removeItem(atPath: folder) }
    try link("lost", to: "missing/a.txt")
    try link("a", to: "b")
    try link("b", to: "a")
    for (name, code) in [("lost", ENOENT), ("a", ELOOP)] {
      let path = "\(folder)/\(name)"
      #expect(throws: FileError(.write, path: path, code: code)) { try AtomicFile.write("new", to: path) }
    }
    #expect(try names() == ["a", "b", "lost"])
    #expect(try FileManager.default.destinationOfSymbolicLink(atPath: folder + "/a") == "b")
    #expect(FileError(.write, path: "a", code: ELOOP).description.contains("remove the link"))
  }

  @Test func namesThePathAndTheRemedy() throws {
    defer { try? FileManager.default.removeItem(atPath: folder) }
    let missing = folder + "/no/a.txt"
    let error = #expect(throws: FileError.self) { try AtomicFile.write("x", to: missing) }
    #expect(error?.code == ENOENT)
    #expect(
      error?.description
        == "cannot write '\(missing)': no such file or directory; create its folder first or check the path")
    #expect(throws: FileError(.write, path: folder, code: EISDIR)) { try AtomicFile.write("x", to: folder) }
    // A device must never be renamed over.
    #expect(throws: FileError(.write, path: "/dev/null", code: EINVAL)) { try AtomicFile.write("x", to: "/dev/null") }
  }
}
