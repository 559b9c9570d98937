import Foundation

/// A model that is trained in a process of its own: how soon its first step is done, and how much memory it takes.
public struct LoneTraining: Hashable, Sendable {
  /// Seconds from before the process is started until it says that its first step is done.
  public let secondsToFirstStep: Double
  /// The most memory that the process had in use.
  public let peakMemory: Int

  /// What such a process writes, a line of JSON each.
  struct Message: Codable {
    var firstStep: Bool?
    var peakMemory: Int?

    enum CodingKeys: String, CodingKey {
      case firstStep = "first_step"
      case peakMemory = "peak_memory_bytes"
    }
  }

  /// Runs `program`, which writes a line when the first step is done and one with the memory at the end.
  ///
  /// - Throws: ``TorchError`` for PyTorch's process, ``RunError`` for ours, if it does not come to its end.
  init(program: String, _ arguments: [String], environment: [String: String]? = nil) throws {
    let process = Process()
    process.executableURL = URL(filePath: program)
    process.arguments = arguments
    if let environment { process.environment = environment }
    let output = Pipe()
    process.standardInput = FileHandle.nullDevice
    process.standardOutput = output
    process.standardError = FileHandle.nullDevice
    let clock = ContinuousClock()
    let start = clock.now
    try process.run()
    defer { process.waitUntilExit() }
    var lines = LineReader(output.fileHandleForReading.fileDescriptor)
    func message() throws -> Message {
      do {
        return try JSONDecoder().decode(Message.self, from: Data(try lines.line(timeout: 600).utf8))
      } catch {
        process.terminate()
        throw RunError.conflict("'\(([program] + arguments).joined(separator: " "))' did not train to its end")
      }
    }
    guard try message().firstStep == true else { throw RunError.conflict("'\(program)' took no first step") }
    secondsToFirstStep = (clock.now - start) / .seconds(1)
    guard let memory = try message().peakMemory, memory > 0 else {
      throw RunError.conflict("'\(program)' did not say how much memory it took")
    }
    peakMemory = memory
  }

  /// Trains here and says so on standard output: what `descent bench alone` does.
  ///
  /// - Parameters:
  ///   - step: What is trained.
  ///   - steps: From 1 to 1,000,000.
  ///   - write: Takes the lines.
  public static func run(_ step: TrainingStep, steps: Int, write: (String) -> Void) throws {
    try TrainingBenchmark.check(steps: steps)
    let workload = try TrainingWorkload(step)
    try workload.step()
    write(JSON.line(Message(firstStep: true)) + "\n")
    for _ in 1..<steps { try workload.step() }
    write(JSON.line(Message(peakMemory: Machine.peakMemory)) + "\n")
  }
}

/// Trainings of one model, ours and PyTorch's in turn.
public struct LoneResult: Sendable {
  public let title: String
  public private(set) var ours: [LoneTraining] = []
  public private(set) var theirs: [LoneTraining] = []

  /// Starts each `count` times.
  ///
  /// - Parameters:
  ///   - one: A training.
  ///   - setting: PyTorch's, as the comparison found it to be the fastest.
  ///   - count: How many times.
  ///   - program: This one.
  ///   - peer: Whose Python and script are used; its own process is left alone.
  public init(_ one: BenchmarkCase, setting: String?, count: Int, program: String, peer: TorchPeer?) throws {
    title = one.title
    guard case .training(let step) = one.work else { return }
    let common = ["--batch", "\(step.batch)", "--threads", "\(step.threads)", "--steps", "20"]
    func arguments(_ step: TrainingStep) -> [String] {
      ["bench", "alone", "--model", step.model] + common + (step.isSparse ? ["--sparse"] : [])
        + (step.updatesInBackward ? ["--update-in-backward"] : [])
    }
    for _ in 0..<count {
      ours.append(try LoneTraining(program: program, arguments(step)))
      if case .training(let plain) = one.plain {
        theirs.append(try LoneTraining(program: program, arguments(plain)))
        continue
      }
      guard let peer, let name = one.peer else { continue }
      let theirArguments =
        [peer.script, "alone", "--model", name] + common + (setting.map { ["--setting", $0] } ?? [])
      theirs.append(try LoneTraining(program: peer.python, theirArguments, environment: TorchPeer.environment))
    }
  }

  /// A line for the terminal.
  public var line: String {
    func text(_ name: String, _ trainings: [LoneTraining]) -> String {
      let memory = median(trainings.map { Double($0.peakMemory) }) / 0x1p20
      return "\(name) \(fixed(memory, digits: 0)) MiB, first step after "
        + "\(measured(median(trainings.map(\.secondsToFirstStep)))) s"
    }
    return text("ours", ours) + (theirs.isEmpty ? "" : "; " + text("torch", theirs))
  }

  /// Our memory over PyTorch's.
  public var memory: Ratio? { Ratio(ours.map { Double($0.peakMemory) }, over: theirs.map { Double($0.peakMemory) }) }
  /// Our time to the first step over PyTorch's.
  public var firstStep: Ratio? { Ratio(ours.map(\.secondsToFirstStep), over: theirs.map(\.secondsToFirstStep)) }
}
