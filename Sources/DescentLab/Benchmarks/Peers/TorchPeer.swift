import Foundation

/// PyTorch in a separate process. The process stays for all cases, so torch is imported only once.
public final class TorchPeer {
  /// The program that runs Python.
  public let python: String
  /// `Scripts/torch-peer.py`.
  public let script: String
  /// PyTorch's version.
  public private(set) var version = ""
  private var process: Process?
  private var requests: FileHandle?
  private var answers: LineReader?

  /// A request to the process. Fields that are nil are left out.
  struct Request: Encodable {
    var `do`: String
    var work, method, model, side: String?
    var parameters, batch, threads: Int?
    var compile: Bool?
    var seconds: Double?
  }

  /// An answer of the process. Fields that were not asked for are nil.
  struct Answer: Decodable {
    var error, version, setting: String?
    var compiled: Bool?
    var tried: [String: Double]?
    var refused: [String: String]?
    var seconds: Double?
  }

  /// Starts the process.
  ///
  /// - Parameters:
  ///   - python: The program that runs Python; by default `DESCENT_PYTHON`, or else `python3` on PATH.
  ///   - script: The path of `Scripts/torch-peer.py`.
  /// - Throws: ``TorchError`` that says what is missing and how to get it.
  public init(python: String? = nil, script: String) throws(TorchError) {
    let name = python ?? ProcessInfo.processInfo.environment["DESCENT_PYTHON"] ?? "python3"
    guard let path = Self.find(name) else { throw .noPython(name) }
    guard FileManager.default.fileExists(atPath: script) else { throw .noScript(script) }
    self.python = path
    self.script = script
    try start()
  }

  deinit { stop() }

  /// Sends a request and waits for the answer, at most `timeout` seconds. If the process has ended, it is started anew.
  func ask(_ request: Request, timeout: Double) throws(TorchError) -> Answer {
    if process == nil { try start() }
    do {
      try requests?.write(contentsOf: Data((JSON.line(request) + "\n").utf8))
    } catch {
      stop()
      throw .failed("it has ended")
    }
    let answer = try receive(timeout: timeout)
    if let error = answer.error { throw .failed(error) }
    return answer
  }

  private func receive(timeout: Double) throws(TorchError) -> Answer {
    guard var reader = answers else { throw .failed("it has ended") }
    do throws(LineReader.Failure) {
      let line = try reader.line(timeout: timeout)
      answers = reader
      guard let answer = try? JSONDecoder().decode(Answer.self, from: Data(line.utf8)) else {
        throw LineReader.Failure.ended
      }
      return answer
    } catch {
      stop()
      throw .failed(error == .late ? "no answer within \(Int(timeout)) s" : "it has ended")
    }
  }

  private func start() throws(TorchError) {
    let process = Process()
    process.executableURL = URL(filePath: python)
    process.arguments = [script, "serve"]
    process.environment = Self.environment
    let (input, output) = (Pipe(), Pipe())
    process.standardInput = input
    process.standardOutput = output
    process.standardError = FileHandle.nullDevice
    do { try process.run() } catch { throw .noPython(python) }
    self.process = process
    requests = input.fileHandleForWriting
    answers = LineReader(output.fileHandleForReading.fileDescriptor)
    self.output = output
    do throws(TorchError) {
      version = try receive(timeout: 120).version ?? ""
    } catch {
      throw .noTorch(python)
    }
  }

  /// Keeps the descriptor open from which ``answers`` reads.
  private var output: Pipe?

  private func stop() {
    try? requests?.close()
    // Do not wait for its end: that would also wait for the compilers that it has started.
    if let process, process.isRunning { process.terminate() }
    (process, requests, answers, output) = (nil, nil, nil, nil)
  }

  /// Our environment without the variables that `Engine.letIdleThreadsSleep` sets, so that PyTorch's threads wait as
  /// they do by default.
  static var environment: [String: String] {
    var variables = ProcessInfo.processInfo.environment
    if variables["OMP_WAIT_POLICY"] == "passive", variables["GOMP_SPINCOUNT"] == "1000" {
      variables["OMP_WAIT_POLICY"] = nil
      variables["GOMP_SPINCOUNT"] = nil
    }
    return variables
  }

  private static func find(_ name: String) -> String? {
    if name.contains("/") { return FileManager.default.isExecutableFile(atPath: name) ? name : nil }
    let path = ProcessInfo.processInfo.environment["PATH"] ?? ""
    return path.split(separator: ":").map { "\($0)/\(name)" }.first(where: FileManager.default.isExecutableFile)
  }
}

/// The reason why a comparison with PyTorch is not possible.
public enum TorchError: Error, Hashable, CustomStringConvertible {
  case noPython(String)
  case noTorch(String)
  case noScript(String)
  case failed(String)

  public var description: String {
    switch self {
    case .noPython(let name):
      "there is no Python called '\(name)': install it, or set DESCENT_PYTHON to a Python with PyTorch"
    case .noTorch(let python):
      "'\(python)' cannot import torch: python3 -m venv torch && torch/bin/pip install torch --index-url "
        + "https://download.pytorch.org/whl/cpu, then DESCENT_PYTHON=torch/bin/python"
    case .noScript(let path):
      "there is no '\(path)': start from the folder of the repository, or give its place with --script"
    case .failed(let reason): "PyTorch: \(reason)"
    }
  }
}
