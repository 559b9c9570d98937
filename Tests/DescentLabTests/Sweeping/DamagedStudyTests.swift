import Foundation
import GRDB
import TestSupport
import Testing

@testable import DescentLab

/// A study's file may hold anything: SQLite accepts text in a column of numbers, and others may have written it.
@Suite struct DamagedStudyTests {
  /// A study of 4 trials, none of them trained.
  private func create(in scratch: TemporaryFolder) throws -> StudyFile {
    var study = StudyConfiguration.standard
    study.data = "digits:train=100,test=50"
    study.model = "logistic"
    study.batch = "25"
    study.epochs = 4
    study.trials = 4
    study.halving = 2
    return try StudyFile(creating: StudyPlan(study), at: scratch.path + "/a.sqlite")
  }

  private func change(_ path: String, _ sql: String) throws {
    try DatabaseQueue(path: path).write { db in try db.execute(sql: sql) }
  }

  /// Everything that a command reads from a study.
  private func read(_ path: String) throws {
    let study = try #require(try StudyFile.find(path))
    let report = try StudyReport(of: study)
    _ = report.summary
    _ = report.table(of: .max).text()
    _ = try report.csv()
    _ = StudyProgress(report.ranking, of: study.configuration).plainLine(secondsLeft: nil)
  }

  @Test(arguments: [
    ("UPDATE trials SET epochs = 'many'", "'epochs' in table 'trials' cannot be \"many\""),
    ("UPDATE trials SET epochs = 9223372036854775807", "'epochs'"), ("UPDATE trials SET epochs = -1", "'epochs'"),
    ("UPDATE trials SET epochs = 1e300", "'epochs'"), ("UPDATE trials SET target = 'x'", "'target'"),
    ("UPDATE trials SET target = 9223372036854775807", "'target'"), ("UPDATE trials SET target = 3", "'target'"),
    ("UPDATE trials SET seconds = 'long'", "'seconds'"), ("UPDATE trials SET metric = 'good'", "'metric'"),
    ("UPDATE trials SET state = 'lost'", "'state'"), ("UPDATE trials SET state = 7", "'state'"),
    ("UPDATE trials SET optimizer = x'FF'", "'optimizer'"), ("UPDATE trials SET note = x'FF'", "'note'"),
    ("UPDATE trials SET parameters = '[1'", "'parameters'"),
    ("UPDATE trials SET configuration = '{}'", "'configuration'"),
    ("UPDATE trials SET trial = -1 WHERE trial = 1", "'trial'"),
    ("UPDATE trials SET trial = 9223372036854775807 WHERE trial = 1", "'trial'"),
    (
      "UPDATE trials SET configuration = replace(configuration, '\"epochs\":4', '\"epochs\":9223372036854775807')",
      "--epochs"
    ),
    ("UPDATE trials SET configuration = replace(configuration, '\"batchSize\":25', '\"batchSize\":-1')", "--batch"),
    ("INSERT INTO epochs VALUES (1, 'one', 4, 0, 0, 0, 0, 0, 0)", "'epoch' in table 'epochs'"),
    ("INSERT INTO epochs VALUES (1, 1, 9223372036854775807, 0, 0, 0, 0, 0, 0)", "'step'"),
    ("INSERT INTO epochs VALUES (1, 1, 4, 'x', 0, 0, 0, 0, 0)", "'seconds'"),
    ("INSERT INTO epochs VALUES (1, 1, 4, 0, 'x', 0, 0, 0, 0)", "'train_loss'"),
    ("UPDATE study SET configuration = replace(configuration, '\"halving\":2', '\"halving\":0')", "--halving is '0'"),
    ("UPDATE study SET configuration = replace(configuration, '\"threads\":1', '\"threads\":0')", "--threads is '0'"),
    (
      "UPDATE study SET configuration = replace(configuration, '\"epochs\":4', '\"epochs\":9223372036854775807')",
      "--epochs"
    ),
    ("UPDATE study SET configuration = replace(configuration, '\"epochs\":4', '\"epochs\":-4')", "--epochs"),
    (
      "UPDATE study SET configuration = replace(configuration, '\"trials\":4', '\"trials\":-9223372036854775808')",
      "--trials"
    ),
    (
      "UPDATE study SET configuration = replace(configuration, '\"leastEpochs\":1', '\"leastEpochs\":-1')",
      "--min-epochs"
    ),
    ("UPDATE study SET configuration = '{\"optimizers\":[]}'", "is missing"),
    ("UPDATE study SET configuration = x'FF'", "not JSON"), ("DELETE FROM study", "no configuration"),
    ("PRAGMA user_version = 2", "another version"), ("DROP TABLE epochs", "no such table"),
    ("ALTER TABLE trials DROP COLUMN seconds", "'seconds'"),
  ])
  func isRefusedWithTheValueAtFault(_ sql: String, _ reason: String) throws {
    let scratch = try TemporaryFolder()
    let path = try create(in: scratch).path
    try read(path)
    try change(path, sql)
    let error = #expect(throws: StudyError.self, "\(sql)") { try read(path) }
    #expect(error?.description.contains(reason) == true, "\(error?.description ?? "")")
    #expect(error?.description.contains(path) == true)
  }

  /// The configurations of the study and of its trials have a version each, like those of runs.
  @Test(arguments: ["study", "trials"]) func aNewerConfigurationIsLeftAsItIs(_ table: String) throws {
    let scratch = try TemporaryFolder()
    let study = try create(in: scratch)
    let newer = #"replace(configuration, '"version":1', '"precision":"double","version":2')"#
    try change(study.path, "UPDATE \(table) SET configuration = \(newer)")
    let before = try Data(contentsOf: URL(filePath: study.path))
    let reason =
      "it is of version 2, and this program reads version 1: go on with the newer program that wrote it"
    #expect(throws: StudyError.newer(study.path, reason: reason)) { try read(study.path) }
    #expect(StudyError.newer(study.path, reason: reason).description.hasSuffix(reason))
    #expect(try Data(contentsOf: URL(filePath: study.path)) == before)
  }

  /// Studies from before versions were written count as version 1.
  @Test func aConfigurationWithoutVersionIsRead() throws {
    let scratch = try TemporaryFolder()
    let study = try create(in: scratch)
    let trials = try study.trials()
    for table in ["study", "trials"] {
      try DatabaseQueue(path: study.path).write { db in
        let older = "replace(configuration, ',\"version\":1', '')"
        try db.execute(sql: "UPDATE \(table) SET configuration = \(older) WHERE configuration <> \(older)")
        #expect(db.changesCount == (table == "study" ? 1 : 4))
      }
    }
    let found = try #require(try StudyFile.find(study.path))
    #expect(try found.configuration == study.configuration && found.trials() == trials)
  }

  @Test func aStudyThatWasMovedIsNotWorkedOnUnderItsOldName() throws {
    let scratch = try TemporaryFolder()
    let study = try create(in: scratch)
    _ = try study.waitingTrials()
    for suffix in ["", ".runs"] where FileManager.default.fileExists(atPath: study.path + suffix) {
      try FileManager.default.moveItem(atPath: study.path + suffix, toPath: scratch.path + "/b.sqlite" + suffix)
    }
    let other = try create(in: scratch)
    #expect(throws: StudyError.moved(study.path)) { try StudyWorker(study).run() }
    #expect(try RunFolder.allNames(in: study.path + ".runs") == [])
    #expect(try other.waitingTrials() == [1, 2, 3, 4])
  }
}
