import Descent
import Foundation
import Synchronization

/// A request by the user to stop the run, with Ctrl-C or a termination signal.
///
/// After the first signal the trainer stops at the end of the step. A step, or the loading of data, can last for minutes:
/// if it does not end in time, the process ends without it. So does it at once after the second signal. Files are
/// replaced as a whole, so nothing is lost but the work since the last checkpoint.
///
/// There is no signal handler: oneDNN's kernels use the stack pointer as an ordinary register, so a handler's stack
/// frame would overwrite their matrices. The signals are blocked in every thread, and one thread waits for them.
public enum Interruption {
  private static let signalCount = Atomic<Int>(0)
  private static let isRequestedAtAll = Atomic<Bool>(false)
  /// Whether the work has been told of the request.
  private static let isNoticed = Atomic<Bool>(false)
  private static let pieces = PieceClock()

  /// Whether a signal, or ``request()``, has asked the run to stop.
  ///
  /// Ask after each piece of work. If the answer is true, stop: there is as much time as it takes to save what is done.
  public static var isRequested: Bool {
    guard isRequestedAtAll.load(ordering: .relaxed) else {
      pieces.note()
      return false
    }
    isNoticed.store(true, ordering: .relaxed)
    return true
  }

  /// Asks the run to stop, as the first signal does.
  public static func request() {
    guard !isRequestedAtAll.exchange(true, ordering: .relaxed) else { return }
    let grace = grace(afterPiecesOf: pieces.longest)
    Thread.detachNewThread {
      Thread.sleep(forTimeInterval: grace)
      guard !isNoticed.load(ordering: .relaxed) else { return }
      let advice = Self.advice.withLock(\.self)
      end("descent: stopped in the middle of work that did not end within \(Int(grace)) s; \(advice)\n", status: 130)
    }
  }

  /// What the user can do if the process ends in the middle of its work, in words.
  public static func advise(_ text: String) { advice.withLock { $0 = text } }
  private static let advice = Mutex("give the same command again")

  /// The seconds that work has to end after the request, if the longest of the pieces before took so many seconds.
  ///
  /// Pieces that are known to take a little longer get the time to end, so that their run can write its checkpoint.
  static func grace(afterPiecesOf longest: Double) -> Double { min(max(5, 2 * longest), 30).rounded() }

  /// Makes the first SIGINT, SIGTERM or SIGHUP a request. Signals that the parent process told us to ignore stay
  /// ignored.
  ///
  /// Call it once, on the main thread, before other threads start: threads inherit which signals are blocked.
  public static func install() {
    var signals = sigset_t()
    sigemptyset(&signals)
    for number in [SIGINT, SIGTERM, SIGHUP] where !isIgnored(number) { sigaddset(&signals, number) }
    pthread_sigmask(SIG_BLOCK, &signals, nil)
    let awaited = signals
    Thread.detachNewThread {
      while true {
        var signals = awaited
        var received: Int32 = 0
        guard sigwait(&signals, &received) == 0 else { continue }
        request()
        guard signalCount.add(1, ordering: .relaxed).newValue > 1 else { continue }
        end("", status: 128 + received)
      }
    }
  }

  /// Ends the process at once, below the line of progress if there is one.
  private static func end(_ message: String, status: Int32) -> Never {
    let terminal = Terminal.standardError
    UnfinishedFiles.removeAll()
    terminal.write((terminal.isInteractive || message.isEmpty ? "\n" : "") + message)
    _exit(status)
  }

  private static func isIgnored(_ number: Int32) -> Bool {
    var action = sigaction()
    sigaction(number, nil, &action)
    #if canImport(Darwin)
      let handler = action.__sigaction_u.__sa_handler
    #else
      let handler = action.__sigaction_handler.sa_handler
    #endif
    return unsafeBitCast(handler, to: Int.self) == unsafeBitCast(SIG_IGN, to: Int.self)
  }
}
