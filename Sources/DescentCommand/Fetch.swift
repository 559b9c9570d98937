import ArgumentParser
import Descent
import DescentData
import DescentLab
import Foundation
import Synchronization

struct Fetch: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Download the official files of a data set.",
    discussion: """
      Files go to the cache, where descent train finds them; an interrupted download goes on where it stopped. \
      descent list data shows which data sets can be fetched.

      EXAMPLES
        descent fetch mnist
        descent fetch fashion cifar10
        descent fetch mnist --data-dir ~/data
      """)

  @Argument(
    help: ArgumentHelp("Data sets to fetch.", valueName: "name"),
    completion: .list(Dataset.available.filter(\.isFetchable).map(\.name)))
  var names: [String]

  @Option(
    help: ArgumentHelp("Folder that gets a subfolder for each data set; the cache by default.", valueName: "folder"),
    completion: .directory)
  var dataDir: String?

  @Flag(help: "Show nothing but errors.")
  var quiet = false

  func run() throws {
    let folder = dataDir.map { URL(filePath: $0, directoryHint: .isDirectory) }
    let fetcher = Fetcher(cache: folder ?? CacheFolder.url)
    let fetchable = Dataset.available.filter(\.isFetchable).map(\.name)
    let found = try names.map { name in
      try Names.find(name, in: fetchable, kind: "data set to fetch", named: \.self)
    }
    for name in found {
      let display = FetchDisplay(quiet: quiet)
      let result = waiting { () async -> Result<URL, DataError> in
        do throws(DataError) {
          return .success(try await fetcher.fetch(name, progress: display.show))
        } catch {
          return .failure(error)
        }
      }
      display.finish()
      let path = try result.get().path(percentEncoded: false)
      if !quiet { Terminal.standardError.write("\(name) is in \(path)\n") }
    }
  }

  /// Runs `body` to its end. The command has no other work for this thread.
  private func waiting<R: Sendable>(_ body: @escaping @Sendable () async -> R) -> R {
    let box = ResultBox<R>()
    let done = DispatchSemaphore(value: 0)
    Task {
      let result = await body()
      box.value.withLock { $0 = result }
      done.signal()
    }
    done.wait()
    return box.value.withLock { $0! }
  }
}

private final class ResultBox<R: Sendable>: Sendable {
  let value = Mutex<R?>(nil)
}

/// Shows how much of a file has arrived: on a terminal, in one line that is updated; elsewhere, once it is complete.
private final class FetchDisplay: Sendable {
  private let isInteractive: Bool
  private let quiet: Bool
  /// When the last line was written.
  private let drawn = Mutex<ContinuousClock.Instant?>(nil)

  init(quiet: Bool) {
    self.quiet = quiet
    isInteractive = Terminal.standardError.isInteractive
  }

  @Sendable func show(_ progress: Fetcher.Progress) {
    if quiet { return }
    let isWhole = progress.received == progress.expected
    drawn.withLock { drawn in
      let now = ContinuousClock.now
      if let drawn, now - drawn < .milliseconds(100), !isWhole { return }
      guard isInteractive || isWhole else { return }
      drawn = now
      var line = "\(progress.file)  \(progress.received.grouped) bytes"
      if let expected = progress.expected, expected > 0 {
        line =
          "\(progress.file)  "
          + DescentLab.Progress.bar(Double(progress.received) / Double(expected), cells: 24, utf8: Terminal.isUTF8)
          + "  \(progress.received.grouped) of \(expected.grouped) bytes"
      }
      Terminal.standardError.writeControlling(
        isInteractive ? "\r\(line)\u{1B}[K\(isWhole ? "\n" : "")" : line + "\n")
    }
  }

  func finish() {
    if isInteractive, !quiet { Terminal.standardError.writeControlling("\r\u{1B}[K") }
  }
}
