import Descent
import DescentCatalogue
import Foundation

/// The checkpoint of a run: parameters, optimizer and position in one file.
struct RunCheckpoint {
  let path: String
  /// The stream from which the run draws. It is saved in the file, so that a checkpoint with another seed is noticed.
  let noise: RandomStream

  init(path: String, seed: UInt64) {
    self.path = path
    noise = RandomStream(seed: seed, name: Self.noiseKey)
  }

  var exists: Bool { access(path, F_OK) == 0 }

  func write(_ θ: ParameterVector<Float>, _ optimizer: AnyOptimizer<Float>, _ position: Position) throws {
    var checkpoint = try optimizer.checkpoint(θ)
    let encoder = JSONEncoder()
    encoder.outputFormatting = .sortedKeys
    encoder.nonConformingFloatEncodingStrategy = Self.nonFinite.encoding
    checkpoint.notes[Self.positionKey] = String(decoding: try encoder.encode(position), as: UTF8.self)
    checkpoint.streams[Self.noiseKey] = noise
    try checkpoint.write(to: path)
  }

  /// The position in the file of the run of `plan`; nil if no file can be read or its position does not fit the plan.
  func position(of plan: RunPlan) -> Position? {
    guard exists, let checkpoint = try? Checkpoint<Float>(contentsOf: path),
      let position = Self.position(of: checkpoint), position.problem(in: plan) == nil
    else { return nil }
    return position
  }

  private static func position(of checkpoint: Checkpoint<Float>) -> Position? {
    let decoder = JSONDecoder()
    decoder.nonConformingFloatDecodingStrategy = nonFinite.decoding
    return checkpoint.notes[positionKey].flatMap { try? decoder.decode(Position.self, from: Data($0.utf8)) }
  }

  /// Restores `θ` and `optimizer` from the file, if all of it fits, and returns the run's position.
  ///
  /// - Parameter problem: Why a run cannot stand at a position, in words; nil if it can.
  /// - Throws: `SafetensorsError`, or ``RunError/unreadableCheckpoint(_:reason:)`` if the file's model, rule, options
  ///   or seed are others, or if a run cannot stand at its position.
  func read(
    into θ: inout ParameterVector<Float>, _ optimizer: inout AnyOptimizer<Float>, problem: (Position) -> String?
  ) throws -> Position {
    let checkpoint = try Checkpoint<Float>(contentsOf: path)
    guard let position = Self.position(of: checkpoint) else {
      throw RunError.unreadableCheckpoint(path, reason: "it does not say where its run stands")
    }
    if let problem = problem(position) {
      throw RunError.unreadableCheckpoint(path, reason: "its run stands nowhere: \(problem)")
    }
    guard checkpoint.streams[Self.noiseKey] == noise else {
      throw RunError.unreadableCheckpoint(path, reason: "it is of a run with another seed")
    }
    let difference: String?
    do {
      difference = try optimizer.optionDifference(from: checkpoint)
      if difference == nil { try optimizer.restore(checkpoint, into: &θ) }
    } catch {
      throw RunError.unreadableCheckpoint(path, reason: "\(error)")
    }
    if let difference {
      throw RunError.unreadableCheckpoint(path, reason: "it is of a run of \(optimizer.name) with \(difference)")
    }
    // Skipped steps count for the run, but not for the optimizer.
    guard 0...position.step ~= optimizer.stepCount else {
      throw RunError.unreadableCheckpoint(
        path, reason: "its optimizer stands at step \(optimizer.stepCount), its run at \(position.step)")
    }
    return position
  }

  private static let positionKey = "position"
  private static let noiseKey = "noise"
  /// How to write losses that are not finite: a run that has diverged can be saved too.
  private static let nonFinite = (
    encoding: JSONEncoder.NonConformingFloatEncodingStrategy.convertToString(
      positiveInfinity: "inf", negativeInfinity: "-inf", nan: "nan"),
    decoding: JSONDecoder.NonConformingFloatDecodingStrategy.convertFromString(
      positiveInfinity: "inf", negativeInfinity: "-inf", nan: "nan")
  )
}
