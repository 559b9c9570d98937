import Foundation

/// Runs the program `descent` that was built with the tests.
public struct CommandLine {
  public struct Result {
    public var status: Int32
    public var output: String
    public var error: String
  }

  /// A small run: it takes a second or two even in a debug build.
  public static let small = ["--data", "digits:train=1000,test=100", "--model", "mlp:hidden=32", "--batch", "50"]

  public static let path: String? = {
    // Beside the test bundle: on Linux the running program, on macOS a loaded bundle.
    let bundles = Bundle.allBundles.map(\.bundleURL).filter { $0.pathExtension == "xctest" }
    let candidates = bundles + [URL(filePath: ProcessInfo.processInfo.arguments[0])]
    return candidates.map { $0.deletingLastPathComponent().appending(path: "descent").path(percentEncoded: false) }
      .first(where: FileManager.default.isExecutableFile)
  }()

  public let process = Process()
  private let output = Pipe()
  private let error = Pipe()

  /// - Parameter asNobody: Whether to give up root's rights, if the tests have them.
  public init(
    _ arguments: [String], in folder: String, environment: [String: String] = [:], input: Any = FileHandle.nullDevice,
    asNobody: Bool = false
  ) throws {
    guard let path = Self.path else { throw CocoaError(.fileNoSuchFile) }
    let words = (asNobody && geteuid() == 0 ? Self.asNobody : []) + [path] + arguments
    process.executableURL = URL(filePath: words[0])
    process.arguments = Array(words.dropFirst())
    process.currentDirectoryURL = URL(filePath: folder)
    process.environment = ProcessInfo.processInfo.environment.merging(environment) { $1 }
    process.standardInput = input
    process.standardOutput = output
    process.standardError = error
    try process.run()
  }

  private static let nobody = 65534
  private static let asNobody = ["/usr/bin/setpriv", "--reuid=\(nobody)", "--regid=\(nobody)", "--clear-groups"]

  /// Whether the program can be run in such a way that file permissions restrict it.
  public static var canDropPrivileges: Bool {
    geteuid() != 0 || FileManager.default.isExecutableFile(atPath: asNobody[0])
  }

  /// Makes the user nobody the owner of `folder`.
  public static func giveToNobody(_ folder: String) throws {
    if geteuid() == 0 { try FileManager.default.setAttributes([.ownerAccountID: nobody], ofItemAtPath: folder) }
  }

  public func wait() throws -> Result {
    let output = try output.fileHandleForReading.readToEnd() ?? Data()
    let error = try error.fileHandleForReading.readToEnd() ?? Data()
    process.waitUntilExit()
    return Result(
      status: process.terminationStatus, output: String(decoding: output, as: UTF8.self),
      error: String(decoding: error, as: UTF8.self))
  }

  @discardableResult
  public static func run(_ arguments: [String], in folder: String) throws -> Result {
    try CommandLine(arguments, in: folder).wait()
  }
}
