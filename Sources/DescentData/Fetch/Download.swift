import Foundation

#if canImport(FoundationNetworking)
  import FoundationNetworking
#endif

/// One request for one file; its bytes are appended to a `.part` file as they arrive.
///
/// Every method runs on the session's serial queue.
final class Download: NSObject, URLSessionDataDelegate, @unchecked Sendable {
  private let url: URL
  private let part: String
  private let patience: Double
  private let progress: @Sendable (_ received: Int, _ expected: Int?) -> Void
  private var descriptor: Int32 = -1
  private var received = 0
  private var expected: Int?
  private var problem: DownloadProblem?
  private var continuation: CheckedContinuation<DownloadProblem?, Never>?

  private init(_ url: URL, part: String, patience: Double, progress: @escaping @Sendable (Int, Int?) -> Void) {
    self.url = url
    self.part = part
    self.patience = patience
    self.progress = progress
  }

  /// Gets the bytes that are not yet in the file at `part`. Bytes that have arrived stay there, whatever happens.
  static func run(
    _ url: URL, part: String, patience: Double,
    progress: @escaping @Sendable (_ received: Int, _ expected: Int?) -> Void
  ) async throws(DownloadProblem) {
    let download = Download(url, part: part, patience: patience, progress: progress)
    if let problem = await download.start() { throw problem }
  }

  private func start() async -> DownloadProblem? {
    // One program at a time: two would mix their bytes.
    descriptor = open(part, O_WRONLY | O_CREAT | O_CLOEXEC, 0o644)
    defer { if descriptor >= 0 { close(descriptor) } }
    guard descriptor >= 0 else { return .writeFailed(path: part, reason: systemReason) }
    guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
      return .writeFailed(path: part, reason: "another program is fetching it")
    }
    // A download that brought no bytes leaves no file.
    defer { if fileSize(of: descriptor) == 0 { unlink(part) } }
    received = Int(lseek(descriptor, 0, SEEK_END))

    var request = URLRequest(url: url, timeoutInterval: patience)
    // Compressed transfer would make offsets meaningless.
    request.setValue("identity", forHTTPHeaderField: "Accept-Encoding")
    if received > 0 { request.setValue("bytes=\(received)-", forHTTPHeaderField: "Range") }
    let queue = OperationQueue()
    queue.maxConcurrentOperationCount = 1
    let session = URLSession(configuration: .ephemeral, delegate: self, delegateQueue: queue)
    defer { session.finishTasksAndInvalidate() }
    let task = session.dataTask(with: request)
    return await withTaskCancellationHandler {
      await withCheckedContinuation { continuation in
        self.continuation = continuation
        task.resume()
      }
    } onCancel: {
      task.cancel()
    }
  }

  func urlSession(
    _ session: URLSession, dataTask: URLSessionDataTask, didReceive response: URLResponse,
    completionHandler: @escaping (URLSession.ResponseDisposition) -> Void
  ) {
    problem = accept(response)
    completionHandler(problem == nil ? .allow : .cancel)
  }

  private func accept(_ response: URLResponse) -> DownloadProblem? {
    guard let response = response as? HTTPURLResponse else { return .unreachable(reason: "it is no web address") }
    switch response.statusCode {
    case 206:
      guard let range = response.value(forHTTPHeaderField: "Content-Range"), range.hasPrefix("bytes \(received)-")
      else {
        return .unreachable(reason: "the server sent another part of the file than asked for")
      }
    case 200:
      // The server sends the whole file from the beginning: it cannot resume.
      guard ftruncate(descriptor, 0) == 0, lseek(descriptor, 0, SEEK_SET) == 0 else {
        return .writeFailed(path: part, reason: systemReason)
      }
      received = 0
    default: return .status(response.statusCode)
    }
    if response.expectedContentLength >= 0 {
      let remaining = Int(response.expectedContentLength)
      expected = received + remaining
      var space = statvfs()
      if fstatvfs(descriptor, &space) == 0 {
        let free = Int(space.f_bavail) * Int(space.f_frsize)
        if free < remaining {
          return .writeFailed(path: part, reason: "\(remaining) bytes are needed and \(free) are free")
        }
      }
    }
    progress(received, expected)
    return nil
  }

  func urlSession(_ session: URLSession, dataTask: URLSessionDataTask, didReceive data: Data) {
    guard problem == nil else { return }
    data.withUnsafeBytes { bytes in
      var written = 0
      while written < bytes.count {
        let count = write(descriptor, bytes.baseAddress! + written, bytes.count - written)
        if count < 0, errno == EINTR { continue }
        guard count > 0 else {
          problem = .writeFailed(path: part, reason: systemReason)
          dataTask.cancel()
          return
        }
        written += count
        received += count
      }
    }
    progress(received, expected)
  }

  func urlSession(_ session: URLSession, task: URLSessionTask, didCompleteWithError error: (any Error)?) {
    if problem == nil, let error { problem = .unreachable(reason: error.localizedDescription) }
    if problem == nil, let expected, received != expected {
      problem = .unreachable(reason: "the connection ended after \(received) of \(expected) bytes")
    }
    continuation?.resume(returning: problem)
    continuation = nil
  }
}
