import Foundation
import GRDB

/// A row of a study's tables. Its values are checked, because SQLite stores values of any type in any column.
struct StudyRow {
  private let row: Row
  private let table: String
  /// The study's file, for messages.
  private let path: String

  init(_ row: Row, of table: String, in path: String) {
    self.row = row
    self.table = table
    self.path = path
  }

  /// The trial of `study` that the row holds.
  func trial(of study: StudyConfiguration) throws(StudyError) -> Trial {
    var trial = Trial(
      number: try count("trial", in: 1...StudyConfiguration.mostTrials), optimizer: try text("optimizer"),
      parameters: try json("parameters"), configuration: try configuration(),
      target: try count("target", in: 1...study.epochs))
    guard let state = Trial.State(rawValue: try text("state")) else { throw damage("state") }
    guard study.rungs.rungs.contains(trial.target) else { throw damage("target") }
    do throws(RunError) { try trial.configuration.checkSaved() } catch {
      throw .damaged(path, reason: "trial \(trial.number): \(error)")
    }
    trial.state = state
    trial.epochs = try count("epochs", in: 0...study.epochs)
    trial.metric = try optionalNumber("metric")
    trial.seconds = try number("seconds")
    trial.note = try optionalText("note")
    return trial
  }

  /// The epoch of a trial of `study` that the row holds. SQLite stores NaN as NULL, so a missing loss is read as NaN.
  func epoch(of study: StudyConfiguration) throws(StudyError) -> EpochMetrics {
    EpochMetrics(
      epoch: try count("epoch", in: 1...study.epochs), step: try count("step", in: 1...RunConfiguration.mostSteps),
      seconds: try number("seconds"), trainLoss: try optionalNumber("train_loss") ?? .nan,
      trainAccuracy: try optionalNumber("train_accuracy"), testLoss: try optionalNumber("test_loss"),
      testAccuracy: try optionalNumber("test_accuracy"), learningRate: try optionalNumber("learning_rate"))
  }

  private func text(_ column: String) throws(StudyError) -> String { try value(column) }
  private func number(_ column: String) throws(StudyError) -> Double { try value(column) }
  /// nil if the column is NULL.
  private func optionalText(_ column: String) throws(StudyError) -> String? { try value(column) }
  /// nil if the column is NULL.
  private func optionalNumber(_ column: String) throws(StudyError) -> Double? { try value(column) }

  /// The whole number in `column`.
  private func count(_ column: String, in range: ClosedRange<Int>) throws(StudyError) -> Int {
    let count: Int = try value(column)
    guard range ~= count else { throw damage(column) }
    return count
  }

  /// The value of the JSON in `column`.
  private func json<Value: Decodable>(_ column: String) throws(StudyError) -> Value {
    let text = try text(column)
    do { return try JSON.decode(Value.self, from: Data(text.utf8)) } catch let error as NewerVersion {
      throw .newer(path, reason: error.description)
    } catch { throw damage(column) }
  }

  /// The configuration of a trial's run.
  private func configuration() throws(StudyError) -> RunConfiguration {
    let versioned: Versioned<RunConfiguration> = try json("configuration")
    return versioned.content
  }

  private func value<Value: DatabaseValueConvertible & StatementColumnConvertible>(
    _ column: String
  ) throws(StudyError) -> Value {
    do { return try row.decode(Value.self, forColumn: column) } catch { throw damage(column) }
  }

  /// The error for a value in `column` that this program never writes.
  private func damage(_ column: String) -> StudyError {
    let found: DatabaseValue? = row[column]
    let text = "\(found ?? .null)"
    return .damaged(
      path,
      reason: "the value of '\(column)' in table '\(table)' cannot be \(text.count > 40 ? text.prefix(40) + "…" : text)"
    )
  }
}
