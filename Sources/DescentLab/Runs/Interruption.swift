import Foundation
import Synchronization

/// A request by the user to stop the run, with Ctrl-C or a termination signal.
///
/// After the first signal the trainer stops at the end of the step. The second signal ends the process at once.
///
/// There is no signal handler: oneDNN's kernels use the stack pointer as an ordinary register, so a handler's stack
/// frame would overwrite their matrices. The signals are blocked in every thread, and one thread waits for them.
public enum Interruption {
  private static let signalCount = Atomic<Int>(0)

  /// Whether a signal, or ``request()``, has asked the run to stop.
  public static var isRequested: Bool {
    signalCount.load(ordering: .relaxed) > 0 || isRequestedOtherwise.load(ordering: .relaxed)
  }
  private static let isRequestedOtherwise = Atomic<Bool>(false)

  /// Asks the run to stop, as the first signal does.
  public static func request() { isRequestedOtherwise.store(true, ordering: .relaxed) }

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
        guard signalCount.add(1, ordering: .relaxed).newValue > 1 else { continue }
        Terminal.standardError.write("\n")
        _exit(128 + received)
      }
    }
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
