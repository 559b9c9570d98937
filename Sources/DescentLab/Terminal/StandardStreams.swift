import Foundation

/// Standard input, output and error.
public enum StandardStreams {
  /// Opens `/dev/null` where one of the three is closed.
  ///
  /// The next file that is opened gets the lowest free number: without this, what is meant for a closed standard output
  /// would be written into a run's files. Call it before anything is opened.
  public static func openClosed() {
    for descriptor in [STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO] {
      if fcntl(descriptor, F_GETFD) == -1, errno == EBADF { _ = open("/dev/null", O_RDWR) }
    }
  }
}
