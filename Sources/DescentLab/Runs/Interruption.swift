import Synchronization
import Foundation

/// The user's wish, by Ctrl-C or a termination signal, that the run stop.
///
/// The first signal is a request, which the trainer grants at the end of the step; the second ends the process at once.
public enum Interruption {
  private static let signalCount = Atomic<Int>(0)

  /// Whether a signal has asked the run to stop.
  public static var isRequested: Bool { signalCount.load(ordering: .relaxed) > 0 }

  /// From now on SIGINT, SIGTERM and SIGHUP ask first. A signal that the parent process told us to ignore stays ignored.
  public static func install() {
    // The handler may not be the first to touch the counter: initializing a global takes a lock.
    signalCount.store(0, ordering: .relaxed)
    for number in [SIGINT, SIGTERM, SIGHUP] {
      var current = sigaction()
      sigaction(number, nil, &current)
      if ignores(current) { continue }
      // `signal` restarts interrupted calls, so no write of ours sees EINTR.
      signal(number) { received in
        // Only calls that POSIX allows in a signal handler.
        guard Interruption.signalCount.add(1, ordering: .relaxed).newValue > 1 else { return }
        var newline: UInt8 = 0x0A
        _ = write(STDERR_FILENO, &newline, 1)
        _exit(128 + received)
      }
    }
  }

  private static func ignores(_ action: sigaction) -> Bool {
    #if canImport(Darwin)
      let handler = action.__sigaction_u.__sa_handler
    #else
      let handler = action.__sigaction_handler.sa_handler
    #endif
    return unsafeBitCast(handler, to: Int.self) == unsafeBitCast(SIG_IGN, to: Int.self)
  }
}
