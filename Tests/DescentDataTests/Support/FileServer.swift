import Foundation

/// A small HTTP server on the loopback address that misbehaves on request.
final class FileServer: @unchecked Sendable {
  struct Behaviour: Sendable {
    var body: [UInt8]
    var status = 200
    var supportsRange = true
    /// For each request in turn, the body bytes after which the connection is cut; later requests are not cut.
    var cuts: [Int] = []
    /// Whether the response states the length of the body.
    var saysLength = true
  }

  struct Request: Hashable, Sendable {
    var path: String
    /// The first byte that the request asks for, if it names one.
    var rangeStart: Int?
  }

  private let listener: Int32
  private let port: UInt16
  private let lock = NSLock()
  private var files: [String: Behaviour]
  private var log: [Request] = []

  init(_ files: [String: Behaviour]) throws {
    self.files = files
    #if canImport(Darwin)
      listener = socket(AF_INET, SOCK_STREAM, 0)
    #else
      listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    #endif
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
    var size = socklen_t(MemoryLayout<sockaddr_in>.size)
    let socket = listener
    let failed = withUnsafeMutablePointer(to: &address) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        bind(socket, $0, size) != 0 || listen(socket, 16) != 0 || getsockname(socket, $0, &size) != 0
      }
    }
    port = UInt16(bigEndian: address.sin_port)
    if failed { throw Unexpected() }
    let thread = Thread { [weak self] in
      while true {
        let connection = accept(socket, nil, nil)
        if connection < 0 { return }
        self?.serve(connection)
        close(connection)
      }
    }
    thread.start()
  }

  /// Wakes the thread that waits for connections, so that it ends.
  deinit {
    shutdown(listener, Int32(SHUT_RDWR))
    close(listener)
  }

  func url(_ path: String) -> URL { URL(string: "http://127.0.0.1:\(port)\(path)")! }

  var requests: [Request] { lock.withLock { log } }

  private func serve(_ connection: Int32) {
    guard let request = readRequest(connection) else { return }
    let (file, cut) = lock.withLock { () -> (Behaviour?, Int?) in
      log.append(request)
      let cut = files[request.path]?.cuts.first
      if cut != nil { files[request.path]!.cuts.removeFirst() }
      return (files[request.path], cut)
    }
    guard let file, file.status == 200 else {
      send("HTTP/1.1 \(file?.status ?? 404) No\r\nContent-Length: 3\r\nConnection: close\r\n\r\nno\n", connection)
      return
    }
    let start = file.supportsRange ? request.rangeStart ?? 0 : 0
    guard start < file.body.count else {
      send(
        "HTTP/1.1 416 No\r\nContent-Range: bytes */\(file.body.count)\r\nContent-Length: 0\r\nConnection: close\r\n\r\n",
        connection)
      return
    }
    let isPart = file.supportsRange && request.rangeStart != nil
    var header = isPart ? "HTTP/1.1 206 Partial Content\r\n" : "HTTP/1.1 200 OK\r\n"
    if isPart { header += "Content-Range: bytes \(start)-\(file.body.count - 1)/\(file.body.count)\r\n" }
    if file.saysLength { header += "Content-Length: \(file.body.count - start)\r\n" }
    send(header + "Connection: close\r\n\r\n", connection)
    let body = file.body[start...].prefix(cut ?? .max)
    send(body, connection)
  }

  private func readRequest(_ connection: Int32) -> Request? {
    var bytes: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: 4096)
    while !bytes.suffix(4).elementsEqual("\r\n\r\n".utf8) {
      let count = recv(connection, &buffer, buffer.count, 0)
      if count <= 0 { return nil }
      bytes += buffer[..<count]
    }
    let lines = String(decoding: bytes, as: UTF8.self).components(separatedBy: "\r\n")
    let range = lines.first { $0.lowercased().hasPrefix("range: bytes=") }
    return Request(
      path: lines[0].components(separatedBy: " ")[1],
      rangeStart: range.flatMap { Int($0.dropFirst("range: bytes=".count).prefix { $0 != "-" }) })
  }

  private func send(_ text: String, _ connection: Int32) { send(Array(text.utf8)[...], connection) }

  private func send(_ bytes: ArraySlice<UInt8>, _ connection: Int32) {
    #if canImport(Darwin)
      let flags: Int32 = 0
      var on: Int32 = 1
      setsockopt(connection, SOL_SOCKET, SO_NOSIGPIPE, &on, socklen_t(MemoryLayout<Int32>.size))
    #else
      let flags = Int32(MSG_NOSIGNAL)
    #endif
    var rest = bytes
    while !rest.isEmpty {
      let count = rest.withUnsafeBytes { sendBytes(connection, $0.baseAddress!, $0.count, flags) }
      if count <= 0 { return }
      rest = rest.dropFirst(count)
    }
  }
}

/// The system's `send`, which the method's name hides.
private func sendBytes(_ socket: Int32, _ bytes: UnsafeRawPointer, _ count: Int, _ flags: Int32) -> Int {
  send(socket, bytes, count, flags)
}
