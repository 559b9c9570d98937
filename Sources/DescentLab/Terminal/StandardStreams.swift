import Foundation

/// Standard input, output and error.
public enum StandardStreams {
  /// Opens `/dev/null` in place of each of the three that is closed.
  ///
  /// A newly opened file gets the lowest free number. Without this, text for a closed standard output would be
  /// written into a run's files. Call it before any file is opened.
  public static func openClosed() {
    for descriptor in [STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO] {
      if fcntl(descriptor, F_GETFD) == -1, errno == EBADF { _ = open("/dev/null", O_RDWR) }
    }
  }
}
