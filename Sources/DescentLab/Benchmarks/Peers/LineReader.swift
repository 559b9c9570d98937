import Foundation

/// Reads lines from a file descriptor, and waits for each no longer than a given time.
struct LineReader {
  enum Failure: Error, Hashable { case ended, late }

  private let descriptor: Int32
  private var pending: [UInt8] = []

  init(_ descriptor: Int32) { self.descriptor = descriptor }

  /// The next line, without its line end.
  ///
  /// - Parameter timeout: The longest wait, in seconds.
  /// - Throws: ``Failure``. If a line is late, nothing of it is lost.
  mutating func line(timeout: Double) throws(Failure) -> String {
    let clock = ContinuousClock()
    let deadline = clock.now + .seconds(timeout)
    while true {
      if let end = pending.firstIndex(of: 0x0A) {
        defer { pending.removeSubrange(...end) }
        return String(decoding: pending[..<end], as: UTF8.self)
      }
      var poll = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
      let left = Int32(max(0, min(1e6, ((deadline - clock.now) / .seconds(1)) * 1000)))
      let ready = waitFor(&poll, left)
      if ready < 0, errno == EINTR { continue }
      guard ready != 0 else { throw .late }
      var chunk = [UInt8](repeating: 0, count: 4096)
      let count = read(descriptor, &chunk, chunk.count)
      if count < 0, errno == EINTR { continue }
      guard count > 0 else { throw .ended }
      pending += chunk[..<count]
    }
  }
}

private func waitFor(_ descriptor: inout pollfd, _ milliseconds: Int32) -> Int32 { poll(&descriptor, 1, milliseconds) }
