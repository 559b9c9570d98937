import DescentLab
import Foundation

/// Processes of this program that work on a study until it is complete or they must stop.
///
/// They are processes rather than threads: a run that crashes ends no other run, and each has memory and threads of its
/// own.
final class SweepWorkers {
  /// Why workers ended before the study was complete.
  enum Failure: Error, CustomStringConvertible {
    case noProgram
    case failed(message: String)
    case cannotStart(number: Int, of: Int, reason: String)
    case killed(signal: Int32)

    var description: String {
      switch self {
      case .noProgram: "this program does not find its own file, which its workers run: call it by its path"
      case .failed(let message): message
      case .cannotStart(let number, let count, let reason):
        "worker \(number) of \(count) cannot be started: \(reason)\(count > 1 ? "; or give fewer --jobs" : "")"
      case .killed(let signal):
        "all workers were killed, the last by signal \(signal): repeat the command to go on, with fewer --jobs if memory is short"
      }
    }
  }

  private struct Worker {
    let process: Process
    /// Its standard input: once this is closed, it stops.
    let leash: Pipe
    let complaints: Pipe

    func run() throws {
      // A pipe that could not be made has no descriptor, and gives no reason.
      for end in [leash.fileHandleForReading, leash.fileHandleForWriting, complaints.fileHandleForReading]
      where end.fileDescriptor < 0 { throw POSIXError(.EMFILE) }
      try process.run()
    }
  }

  private var workers: [Worker] = []
  private var lastSignal: Int32?
  private var message: String?

  /// Starts `count` workers on `study`.
  init(_ count: Int, on study: String, dataFolder: String?) throws {
    guard let program = Bundle.main.executableURL else { throw Failure.noProgram }
    for i in 0..<count {
      let worker = Worker(process: Process(), leash: Pipe(), complaints: Pipe())
      worker.process.executableURL = program
      worker.process.arguments = ["sweep", "work", study] + (dataFolder.map { ["--data-dir", $0] } ?? [])
      worker.process.standardInput = worker.leash
      worker.process.standardOutput = FileHandle.nullDevice
      worker.process.standardError = worker.complaints
      do { try worker.run() } catch {
        stop()
        throw Failure.cannotStart(number: i + 1, of: count, reason: reasonNotStarted(error))
      }
      workers.append(worker)
    }
  }

  /// Whether any worker runs. The others take over the work of a killed worker; an error of one ends all.
  /// - Throws: ``Failure`` once an error has ended all workers.
  func areRunning() throws -> Bool {
    let ended = workers.filter { !$0.process.isRunning }
    workers.removeAll { worker in ended.contains { $0.process === worker.process } }
    for worker in ended { note(worker) }
    if message != nil { stop() }
    guard workers.isEmpty else { return true }
    if let message { throw Failure.failed(message: message) }
    return false
  }

  /// The signal that killed the last worker, if one did.
  var killed: Failure? { lastSignal.map { .killed(signal: $0) } }

  /// Tells all workers to stop after their step.
  func stop() {
    for worker in workers { try? worker.leash.fileHandleForWriting.close() }
  }

  private func note(_ worker: Worker) {
    // One line at most, so it fits into the pipe.
    let text = (try? worker.complaints.fileHandleForReading.readToEnd()).flatMap { $0 } ?? Data()
    if worker.process.terminationReason == .uncaughtSignal {
      lastSignal = worker.process.terminationStatus
    } else if ![0, 130].contains(worker.process.terminationStatus) {
      let line = String(decoding: text, as: UTF8.self).split(whereSeparator: \.isNewline).last.map(String.init)
      let prefix = "descent: "
      let reason = line ?? "a worker ended with status \(worker.process.terminationStatus)"
      message = reason.hasPrefix(prefix) ? String(reason.dropFirst(prefix.count)) : reason
    }
  }
}
