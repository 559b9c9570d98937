import Descent
import Foundation
import GRDB

/// The SQLite file that holds a study: its configuration, trials, and their epochs.
///
/// The file changes in transactions from one consistent state to the next: its creation with all trials is one, and a
/// trial's arrival on its rung with all its consequences is another. The file does not say which trials are being
/// trained; the locks of their folders do. The kernel releases a process's locks when it ends, however it ends.
public final class StudyFile: Sendable {
  public let path: String
  public let configuration: StudyConfiguration
  private let database: DatabaseQueue
  /// The identity of the open file, which stays the same if the file is renamed.
  private let identity: FileIdentity?

  /// Marks the file as a study, in SQLite's header: "DSTD".
  private static let applicationID = 0x4453_5444
  /// The version of the tables.
  private static let version = 1

  /// The study at `path`; nil if there is none yet.
  /// - Throws: ``StudyError`` if the path holds something else.
  public static func find(_ path: String) throws(StudyError) -> StudyFile? {
    var status = stat()
    guard stat(path, &status) == 0 else {
      guard errno == ENOENT else { throw .file(FileError(.read, path: path, code: errno)) }
      return nil
    }
    guard status.st_mode & S_IFMT == S_IFREG else { throw .notAStudy(path) }
    let database = try open(path)
    let found = try look(database, path) { db in
      try isEmpty(db) ? nil : try configuration(in: db, path)
    }
    return found.map { StudyFile(path, $0, database) }
  }

  private init(_ path: String, _ configuration: StudyConfiguration, _ database: DatabaseQueue) {
    self.path = path
    self.configuration = configuration
    self.database = database
    identity = FileIdentity(path)
  }

  /// Creates the study of `plan` at `path`; opens the one that another process has created there meanwhile.
  /// - Throws: ``StudyError``, also if the study there has another configuration.
  public init(creating plan: StudyPlan, at path: String) throws(StudyError) {
    let slash = path.utf8.lastIndex(of: UInt8(ascii: "/"))
    let parent = slash.map { $0 == path.startIndex ? "/" : String(path[..<$0]) } ?? "."
    do throws(RunFolderError) { try OutputFolder.create(parent) } catch { throw .folder(error) }
    // Check before the file is created, so that a refused study leaves none.
    if access(path, F_OK) != 0 { try Self.checkRuns(of: path) }
    database = try Self.open(path)
    identity = FileIdentity(path)
    self.path = path
    configuration = try Self.transaction(database, path) { db in
      if try Self.isEmpty(db) {
        try Self.checkRuns(of: path)
        try Self.create(plan, in: db)
      }
      return try Self.configuration(in: db, path)
    }
    try check(plan.configuration)
  }

  /// Checks that the folder for the runs of a new study at `path` is empty or missing.
  private static func checkRuns(of path: String) throws(StudyError) {
    let names: [String]
    do throws(RunFolderError) { names = try RunFolder.allNames(in: runs(of: path)) } catch { throw .folder(error) }
    guard names.isEmpty else { throw .strayRuns(runs(of: path), study: path) }
  }

  /// Checks that the study can go on with the configuration `other`.
  /// - Throws: ``StudyError/otherConfiguration(_:difference:)``.
  public func check(_ other: StudyConfiguration) throws(StudyError) {
    if let difference = configuration.difference(from: other) {
      throw .otherConfiguration(path, difference: difference)
    }
  }

  /// The study with the further trials of `plan`. The plan's first trials must be the study's own.
  /// - Throws: ``StudyError``, also if the study cannot grow in this way.
  public func grown(to plan: StudyPlan) throws(StudyError) -> StudyFile {
    let configuration = try Self.transaction(database, path) { db in
      let known = try Self.configuration(in: db, self.path)
      guard known.canGrow(to: plan.configuration) else { return known }
      for trial in plan.trials.dropFirst(known.trials) { try Self.insert(trial, in: db) }
      try db.execute(sql: "UPDATE study SET configuration = ?", arguments: [Self.json(Versioned(plan.configuration))])
      return plan.configuration
    }
    let study = StudyFile(path, configuration, database)
    try study.check(plan.configuration)
    return study
  }

  /// The folder of a trial's run.
  public func folder(of trial: Int) -> String { "\(Self.runs(of: path))/\(Self.folderName(trial))" }

  private static func runs(of path: String) -> String { "\(path).runs" }

  static func folderName(_ trial: Int) -> String {
    let digits = "\(trial)"
    return String(repeating: "0", count: max(0, 4 - digits.count)) + digits
  }

  /// All trials, in order.
  public func trials() throws(StudyError) -> [Trial] {
    try Self.look(database, path) { db in try self.trials(in: db, "ORDER BY trial") }
  }

  /// The numbers of the trials that can be trained now.
  /// - Throws: ``StudyError``, also if the study is no longer at its path: the runs there may be another study's.
  func waitingTrials() throws(StudyError) -> [Int] {
    guard FileIdentity(path) == identity else { throw .moved(path) }
    return try Self.look(database, path) { db in
      try Int.fetchAll(db, sql: "SELECT trial FROM trials WHERE state = 'waiting' ORDER BY trial")
    }
  }

  /// A number that changes when another process has changed the file.
  public func changeNumber() throws(StudyError) -> Int {
    try Self.look(database, path) { db in try Int.fetchOne(db, sql: "PRAGMA data_version") ?? 0 }
  }

  func trial(_ number: Int) throws(StudyError) -> Trial {
    let found = try Self.look(database, path) { db in try self.trials(in: db, "WHERE trial = \(number)") }
    guard let trial = found.first else { throw .damaged(path, reason: "trial \(number) is missing") }
    return trial
  }

  /// The recorded epochs of a trial.
  public func epochs(of trial: Int) throws(StudyError) -> [EpochMetrics] {
    try Self.look(database, path) { db in
      try Row.fetchAll(db, sql: "SELECT * FROM epochs WHERE trial = ? ORDER BY epoch", arguments: [trial]).map { row in
        try StudyRow(row, of: "epochs", in: path).epoch(of: configuration)
      }
    }
  }

  /// Records the epochs `rows` of `trial`, up to its target or to where it diverged.
  ///
  /// If the trial was the last to reach its rung, the promoted trials wait for training again, and the others are
  /// stopped. Recording the same trial again changes nothing.
  func record(_ trial: Trial, _ rows: [EpochMetrics], divergence: String?) throws(StudyError) {
    let study = configuration
    try Self.transaction(database, path) { db in
      guard let known = try self.trials(in: db, "WHERE trial = \(trial.number)").first, known.state == .waiting,
        known.target == trial.target
      else { return }
      try Self.write(rows, of: trial.number, in: db)
      let isLast = study.rungs.rung(after: trial.target) == nil
      let state: Trial.State = divergence != nil ? .diverged : isLast ? .finished : .paused
      let metric = divergence == nil ? study.objective?.value(of: rows) : nil
      try db.execute(
        sql: "UPDATE trials SET state = ?, metric = ?, note = ? WHERE trial = ?",
        arguments: [state.rawValue, metric, divergence, trial.number])
      try self.decideRung(of: trial.target, in: db)
    }
  }

  /// Writes down the epochs `rows` that `trial` has so far, for those who watch while it is being trained.
  func note(_ trial: Trial, _ rows: [EpochMetrics]) throws(StudyError) {
    try Self.transaction(database, path) { db in try Self.write(rows, of: trial.number, in: db) }
  }

  /// Promotes the best trials on the rung of `epochs` to the next one, once no trial is still on its way to the rung.
  private func decideRung(of epochs: Int, in db: Database) throws {
    let halving = configuration.rungs
    guard let objective = configuration.objective, let next = halving.rung(after: epochs) else { return }
    let entrants = try trials(in: db, "WHERE target = \(epochs)")
    guard entrants.allSatisfy({ $0.state != .waiting }) else { return }
    let promoted = halving.promoted(from: entrants.map { ($0.number, $0.metric) }, by: objective)
    try db.execute(
      sql: "UPDATE trials SET state = 'stopped' WHERE target = ? AND state = 'paused'", arguments: [epochs])
    for trial in promoted {
      try db.execute(
        sql: "UPDATE trials SET state = 'waiting', target = ? WHERE trial = ?", arguments: [next, trial])
    }
  }
}

/// The tables.
extension StudyFile {
  private static func open(_ path: String) throws(StudyError) -> DatabaseQueue {
    var options = Configuration()
    // Transactions take milliseconds. If a wait is longer than this, another process hangs.
    options.busyMode = .timeout(60)
    do { return try DatabaseQueue(path: path, configuration: options) } catch { throw StudyError(error, path) }
  }

  private static func look<Value>(
    _ database: DatabaseQueue, _ path: String, _ body: (Database) throws -> Value
  ) throws(StudyError) -> Value {
    do { return try database.read(body) } catch { throw StudyError(error, path) }
  }

  private static func transaction<Value>(
    _ database: DatabaseQueue, _ path: String, _ body: (Database) throws -> Value
  ) throws(StudyError) -> Value {
    do { return try database.write(body) } catch { throw StudyError(error, path) }
  }

  /// Whether nothing has been created in the file yet.
  private static func isEmpty(_ db: Database) throws -> Bool {
    let id = try Int.fetchOne(db, sql: "PRAGMA application_id")
    let tables = try Int.fetchOne(db, sql: "SELECT count(*) FROM sqlite_master")
    return id == 0 && tables == 0
  }

  private static func create(_ plan: StudyPlan, in db: Database) throws {
    try db.execute(
      sql: """
        PRAGMA application_id = \(applicationID);
        PRAGMA user_version = \(version);
        CREATE TABLE study (configuration TEXT NOT NULL, seed INTEGER NOT NULL);
        CREATE TABLE trials (
          trial INTEGER PRIMARY KEY, optimizer TEXT NOT NULL, parameters TEXT NOT NULL, configuration TEXT NOT NULL,
          state TEXT NOT NULL, target INTEGER NOT NULL, epochs INTEGER NOT NULL, metric REAL, seconds REAL NOT NULL,
          note TEXT);
        CREATE INDEX trials_by_state ON trials (state);
        CREATE TABLE epochs (
          trial INTEGER NOT NULL REFERENCES trials, epoch INTEGER NOT NULL, step INTEGER NOT NULL, seconds REAL NOT NULL,
          train_loss REAL, train_accuracy REAL, test_loss REAL, test_accuracy REAL, learning_rate REAL,
          PRIMARY KEY (trial, epoch)) WITHOUT ROWID;
        """)
    try db.execute(
      sql: "INSERT INTO study (configuration, seed) VALUES (?, ?)",
      arguments: [json(Versioned(plan.configuration)), Int64(bitPattern: plan.configuration.seed)])
    for trial in plan.trials { try insert(trial, in: db) }
  }

  private static func insert(_ trial: Trial, in db: Database) throws {
    try db.execute(
      sql: """
        INSERT INTO trials (trial, optimizer, parameters, configuration, state, target, epochs, seconds)
        VALUES (?, ?, ?, ?, ?, ?, 0, 0)
        """,
      arguments: [
        trial.number, trial.optimizer, json(trial.parameters), json(Versioned(trial.configuration)),
        trial.state.rawValue, trial.target,
      ])
  }

  private static func configuration(in db: Database, _ path: String) throws -> StudyConfiguration {
    guard try Int.fetchOne(db, sql: "PRAGMA application_id") == applicationID else { throw StudyError.notAStudy(path) }
    guard try Int.fetchOne(db, sql: "PRAGMA user_version") == version else { throw StudyError.otherVersion(path) }
    guard let text = try String.fetchOne(db, sql: "SELECT configuration FROM study") else {
      throw StudyError.damaged(path, reason: "it has no configuration")
    }
    let study: StudyConfiguration
    do { study = try JSON.decode(Versioned<StudyConfiguration>.self, from: Data(text.utf8)).content } catch {
      if let newer = error as? NewerVersion { throw StudyError.newer(path, reason: newer.description) }
      throw StudyError.damaged(path, reason: "its configuration: \(JSON.reason(of: error))")
    }
    do throws(RunError) { try study.checkNumbers() } catch {
      throw StudyError.damaged(path, reason: error.description)
    }
    return study
  }

  private func trials(in db: Database, _ condition: String) throws -> [Trial] {
    try Row.fetchAll(db, sql: "SELECT * FROM trials \(condition)").map { row in
      try StudyRow(row, of: "trials", in: path).trial(of: configuration)
    }
  }

  /// Writes `rows` as the epochs of a trial.
  private static func write(_ rows: [EpochMetrics], of trial: Int, in db: Database) throws {
    for row in rows {
      try db.execute(
        sql: "INSERT OR REPLACE INTO epochs VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
        arguments: [
          trial, row.epoch, row.step, row.seconds, row.trainLoss, row.trainAccuracy, row.testLoss, row.testAccuracy,
          row.learningRate,
        ])
    }
    try db.execute(
      sql: "UPDATE trials SET epochs = ?, seconds = ? WHERE trial = ?",
      arguments: [rows.count, rows.last?.seconds ?? 0, trial])
  }

  private static func json(_ value: some Encodable) -> String { JSON.line(value) }
}
