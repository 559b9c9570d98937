import Foundation
import Synchronization
import TestSupport
import Testing

@testable import DescentData

@Suite struct FetcherTests {
  let folder: TemporaryFolder
  let body = (0..<300_000).map { UInt8(truncatingIfNeeded: $0 &* 2_654_435_761 >> 13) }

  init() throws { folder = try TemporaryFolder() }

  private var path: String { folder.path("set/file.bin") }

  private var checksum: String {
    var digest = MD5()
    body.withUnsafeBytes { digest.update($0) }
    return digest.finish()
  }

  private func file(_ mirrors: [URL], md5: String? = nil) -> RemoteFile {
    RemoteFile(name: "file.bin", mirrors: mirrors, check: .md5(md5 ?? checksum))
  }

  /// Fetches into `set` in the test's folder; returns the error, if any.
  private func fetch(_ file: RemoteFile, progress: @escaping @Sendable (Fetcher.Progress) -> Void = { _ in }) async
    -> DataError?
  {
    var fetcher = Fetcher(cache: folder.url)
    // On a busy machine the server of a test may take minutes to answer.
    fetcher.patience = 600
    do throws(DataError) {
      _ = try await fetcher.fetch([file], into: "set", progress: progress)
    } catch { return error }
    return nil
  }

  private func stored(_ suffix: String = "") -> [UInt8]? {
    (try? Data(contentsOf: URL(filePath: path + suffix))).map { Array($0) }
  }

  @Test func wholeFileArrives() async throws {
    let server = try FileServer(["/file.bin": .init(body: body)])
    let seen = Mutex<[Fetcher.Progress]>([])
    #expect(await fetch(file([server.url("/file.bin")])) { p in seen.withLock { $0.append(p) } } == nil)
    #expect(stored() == body && stored(".part") == nil)
    let progress = seen.withLock { $0 }
    #expect(progress.last == Fetcher.Progress(file: "file.bin", received: 300_000, expected: 300_000))
    #expect(zip(progress, progress.dropFirst()).allSatisfy { $0.received <= $1.received })
    // A file that is there and right is not fetched again; a wrong one is.
    #expect(await fetch(file([server.url("/file.bin")])) == nil)
    #expect(server.requests.count == 1)
    try folder.write("damaged", "set/file.bin")
    #expect(await fetch(file([server.url("/file.bin")])) == nil)
    #expect(stored() == body && server.requests.count == 2)
  }

  @Test func aCutConnectionIsResumedAtOnce() async throws {
    let server = try FileServer(["/file.bin": .init(body: body, cuts: [1000, 100_000])])
    #expect(await fetch(file([server.url("/file.bin")])) == nil)
    #expect(stored() == body)
    #expect(server.requests.map(\.rangeStart) == [nil, 1000, 101_000])
  }

  @Test func anInterruptedDownloadGoesOnTheNextTime() async throws {
    let server = try FileServer(["/file.bin": .init(body: body)])
    try folder.write(Array(body[..<123_456]), "set/file.bin.part")
    #expect(await fetch(file([server.url("/file.bin")])) == nil)
    #expect(stored() == body && server.requests.map(\.rangeStart) == [123_456])
  }

  @Test func aServerWithoutRangesBeginsAgain() async throws {
    let server = try FileServer(["/file.bin": .init(body: body, supportsRange: false, cuts: [100_000])])
    #expect(await fetch(file([server.url("/file.bin")])) == nil)
    #expect(stored() == body && server.requests.map(\.rangeStart) == [nil, 100_000])
  }

  @Test func whatDoesNotBelongBeforeIsThrownAway() async throws {
    let server = try FileServer(["/file.bin": .init(body: body)])
    // A part from another file, then a part that is longer than the file.
    for wrong in [[UInt8](repeating: 7, count: 5000), body + [1, 2, 3]] {
      try? FileManager.default.removeItem(atPath: path)
      try folder.write(wrong, "set/file.bin.part")
      #expect(await fetch(file([server.url("/file.bin")])) == nil)
      #expect(stored() == body)
    }
  }

  @Test func wrongChecksumIsDiscarded() async throws {
    let server = try FileServer(["/file.bin": .init(body: body)])
    let wrong = String(repeating: "0", count: 32)
    #expect(
      await fetch(file([server.url("/file.bin")], md5: wrong))
        == .download(server.url("/file.bin").absoluteString, .wrongChecksum(expected: wrong, actual: checksum)))
    #expect(stored() == nil && stored(".part") == nil)
  }

  @Test func theNextMirrorIsTried() async throws {
    let server = try FileServer([
      "/good": .init(body: body), "/bad": .init(body: [1, 2, 3]), "/busy": .init(body: [], status: 503),
    ])
    #expect(await fetch(file(["/none", "/busy", "/bad", "/good"].map(server.url))) == nil)
    #expect(stored() == body && server.requests.map(\.path) == ["/none", "/busy", "/bad", "/good"])
  }

  @Test func aMissingFileIsSaidToBeMissing() async throws {
    let server = try FileServer([:])
    let error = await fetch(file([server.url("/file.bin")]))
    #expect(error == .download(server.url("/file.bin").absoluteString, .status(404)))
    #expect(error?.description.contains("--data-dir") == true)
    // Not even an empty file remains.
    #expect(stored() == nil && stored(".part") == nil)
  }

  @Test func noServerIsSaidToBeUnreachable() async throws {
    var server: FileServer? = try FileServer([:])
    let url = server!.url("/file.bin")
    server = nil
    guard case .download(_, .unreachable) = await fetch(file([url])) else {
      Issue.record("a server that is gone was reached")
      return
    }
  }

  @Test func aFileWithoutSaidLengthArrives() async throws {
    let server = try FileServer(["/file.bin": .init(body: body, saysLength: false)])
    #expect(await fetch(file([server.url("/file.bin")])) == nil)
    #expect(stored() == body)
  }

  @Test func rowsAreCountedWhereNoChecksumIsPublished() async throws {
    let server = try FileServer([
      "/rows": .init(body: Array("+1 1:1\n-1 2:1\n".utf8)), "/page": .init(body: Array("<html>log in</html>".utf8)),
    ])
    func remote(_ path: String, _ rows: Int) -> RemoteFile {
      RemoteFile(name: "file.bin", mirrors: [server.url(path)], check: .libsvmRows(rows))
    }
    #expect(await fetch(remote("/rows", 2)) == nil)
    try FileManager.default.removeItem(atPath: path)
    for wrong in [remote("/rows", 3), remote("/page", 1)] {
      guard case .download(_, .wrongContents) = await fetch(wrong) else {
        Issue.record("a wrong file was kept")
        continue
      }
      #expect(stored() == nil)
    }
  }

  @Test func archivesAreUnpackedIntoPlace() async throws {
    try folder.write("a vocabulary", "packed/aclImdb/imdb.vocab")
    try run("tar -czf '\(folder.path("a.tar.gz"))' -C '\(folder.path("packed"))' aclImdb")
    let bytes = Array(try Data(contentsOf: URL(filePath: folder.path("a.tar.gz"))))
    let server = try FileServer(["/a.tar.gz": .init(body: bytes), "/cut": .init(body: Array(bytes.dropLast(9)))])
    func archive(_ path: String, yielding: String) throws -> RemoteFile {
      var digest = MD5()
      let body = path == "/cut" ? Array(bytes.dropLast(9)) : bytes
      body.withUnsafeBytes { digest.update($0) }
      return RemoteFile(
        name: "a.tar.gz", mirrors: [server.url(path)], check: .md5(digest.finish()), unpacked: yielding)
    }
    for bad in [try archive("/cut", yielding: "aclImdb"), try archive("/a.tar.gz", yielding: "other")] {
      guard case .download(_, .unpackFailed) = await fetch(bad) else {
        Issue.record("an archive that does not unpack was kept")
        continue
      }
      let left = try FileManager.default.contentsOfDirectory(atPath: folder.path("set"))
      #expect(left == ["a.tar.gz"])
    }
    #expect(await fetch(try archive("/a.tar.gz", yielding: "aclImdb")) == nil)
    #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path("set")) == ["aclImdb"])
    #expect(try String(contentsOfFile: folder.path("set/aclImdb/imdb.vocab"), encoding: .utf8) == "a vocabulary")
    let before = server.requests.count
    #expect(await fetch(try archive("/a.tar.gz", yielding: "aclImdb")) == nil)
    #expect(server.requests.count == before)
  }

  @Test func aCacheThatIsNoFolderIsNamed() async throws {
    let server = try FileServer(["/file.bin": .init(body: body)])
    try folder.write("a file", "set")
    guard case .file(_, .unwritable) = await fetch(file([server.url("/file.bin")])) else {
      Issue.record("fetched into a file")
      return
    }
  }

  @Test func unknownNamesSuggestWhatCanBeFetched() async throws {
    do throws(DataError) {
      try await Fetcher(cache: folder.url).fetch("cifar")
      Issue.record("cifar was fetched")
    } catch { #expect(error.description.contains("cifar10")) }
    await #expect(throws: DataError.self) { try await Fetcher(cache: folder.url).fetch("digits") }
  }

  @Test func cacheFolderFollowsTheEnvironment() {
    func path(_ environment: [String: String]) -> String {
      CacheFolder.url(environment: environment).path(percentEncoded: false)
    }
    #expect(path(["DESCENT_CACHE": "/a/b", "XDG_CACHE_HOME": "/c"]) == "/a/b/")
    #if !os(macOS)
      #expect(path(["XDG_CACHE_HOME": "/c"]) == "/c/descent/")
      #expect(path(["XDG_CACHE_HOME": "relative"]).hasSuffix("/.cache/descent/"))
      #expect(path([:]).hasSuffix("/.cache/descent/"))
      #expect(path(["HOME": "/h"]) == "/h/.cache/descent/")
      #expect(path(["HOME": "/h", "XDG_CACHE_HOME": "/c"]) == "/c/descent/")
    #else
      #expect(path(["HOME": "/h"]) == "/h/Library/Caches/descent/")
    #endif
  }
}
