import Descent
import Foundation
import Synchronization

/// The terminal at a file descriptor, with its properties.
public struct Terminal: Sendable {
  public let descriptor: Int32

  public static let standardOutput = Terminal(descriptor: STDOUT_FILENO)
  public static let standardError = Terminal(descriptor: STDERR_FILENO)

  /// Whether it is a terminal whose lines can be rewritten.
  public var isInteractive: Bool {
    isatty(descriptor) == 1 && ProcessInfo.processInfo.environment["TERM"] != "dumb"
  }

  /// The number of columns: the terminal's own, else `COLUMNS`, else 80.
  public var width: Int {
    var size = winsize()
    if ioctl(descriptor, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0 { return Int(size.ws_col) }
    return ProcessInfo.processInfo.environment["COLUMNS"].flatMap { Int($0) }.map { min(max(20, $0), 10_000) } ?? 80
  }

  /// Whether the locale says that text is UTF-8.
  public static var isUTF8: Bool {
    let environment = ProcessInfo.processInfo.environment
    let locale = ["LC_ALL", "LC_CTYPE", "LANG"].lazy.compactMap { environment[$0] }.first { !$0.isEmpty }
    return locale.map { Names.canonical($0).contains("utf8") } ?? false
  }

  /// Why standard output did not take all that was written to it (`errno`), or 0. It is no failure if the reader has
  /// gone away, as `head` does.
  public static var outputFailure: Int32 { failure.load(ordering: .relaxed) }
  private static let failure = Atomic<Int32>(0)

  /// Writes `text` at once; text that cannot be written is dropped.
  ///
  /// Control characters are shown as numbers: names may contain any, but must not move the cursor.
  public func write(_ text: String) { writeControlling(text.printable(keeping: ["\n", "\t"])) }

  /// Writes `text` as one line. Line ends in it are shown as numbers too.
  public func writeLine(_ text: String) { writeControlling(text.printable() + "\n") }

  /// Writes `text` as it is, with this program's own control sequences for the terminal.
  public func writeControlling(_ text: String) {
    var rest = Array(text.utf8)[...]
    while !rest.isEmpty {
      let count = rest.withUnsafeBytes { writeBytes(descriptor, $0.baseAddress, $0.count) }
      if count < 0, errno == EINTR { continue }
      guard count > 0 else {
        if descriptor == STDOUT_FILENO, errno != EPIPE { Self.failure.store(errno, ordering: .relaxed) }
        return
      }
      rest = rest.dropFirst(count)
    }
  }
}

private func writeBytes(_ descriptor: Int32, _ start: UnsafeRawPointer?, _ count: Int) -> Int {
  write(descriptor, start, count)
}
