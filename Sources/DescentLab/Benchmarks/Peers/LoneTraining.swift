import Descent
import Foundation

/// The training of a model in a separate process: the time until its first step is done, and the memory that it takes.
public struct LoneTraining: Hashable, Sendable {
  /// The seconds from just before the start of the process until it says that its first step is done.
  public let secondsToFirstStep: Double
  /// The most memory that the process used, in bytes.
  public let peakMemory: Int

  /// A message of such a process, written as a line of JSON.
  struct Message: Codable {
    var firstStep: Bool?
    var peakMemory: Int?

    enum CodingKeys: String, CodingKey {
      case firstStep = "first_step"
      case peakMemory = "peak_memory_bytes"
    }
  }

  /// Runs `program`, which writes a line when its first step is done, and a line with its memory at the end.
  ///
  /// - Throws: ``TorchError`` for PyTorch's process, ``RunError`` for ours, if the process fails before its end.
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

  /// Trains in this process and writes the messages: this is what `descent bench alone` does.
  ///
  /// - Parameters:
  ///   - step: The model and its batch.
  ///   - steps: The number of steps, from 1 to 1,000,000.
  ///   - write: Called with each line.
  public static func run(_ step: TrainingStep, steps: Int, write: (String) -> Void) throws {
    try TrainingBenchmark.check(steps: steps)
    let workload = try TrainingWorkload(step)
    try workload.step()
    write(JSON.line(Message(firstStep: true)) + "\n")
    for _ in 1..<steps { try workload.step() }
    write(JSON.line(Message(peakMemory: Machine.peakMemory)) + "\n")
  }
}

/// The trainings of one model, ours and PyTorch's in turn.
public struct LoneResult: Sendable {
  public let title: String
  public private(set) var ours: [LoneTraining] = []
  public private(set) var theirs: [LoneTraining] = []

  /// Starts our training and PyTorch's `count` times each.
  ///
  /// - Parameters:
  ///   - one: The training.
  ///   - setting: PyTorch's setting that the comparison found to be the fastest.
  ///   - count: How many times each is started.
  ///   - program: The path of this program.
  ///   - peer: The peer whose Python and script are used. Its own process is left alone.
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
      let memory = (median(of: trainings.map { Double($0.peakMemory) }) ?? .nan) / 0x1p20
      return "\(name) \(fixed(memory, digits: 0)) MiB, first step after "
        + "\(measured(median(of: trainings.map(\.secondsToFirstStep)) ?? .nan)) s"
    }
    return text("ours", ours) + (theirs.isEmpty ? "" : "; " + text("torch", theirs))
  }

  /// Our memory divided by PyTorch's.
  public var memory: Ratio? { Ratio(ours.map { Double($0.peakMemory) }, over: theirs.map { Double($0.peakMemory) }) }
  /// Our time to the first step divided by PyTorch's.
  public var firstStep: Ratio? { Ratio(ours.map(\.secondsToFirstStep), over: theirs.map(\.secondsToFirstStep)) }
}
