import Descent
import DescentData
import DescentLab
import Foundation

/// One session of a reproduction: where its runs are, how it reports its progress, and when it must stop.
///
/// Runs of networks are in `runs` in its folder, and go on where they were interrupted. Other computations take
/// seconds, or save their numbers with `remembered`.
public final class ReproductionSession {
  public let reproduction: Reproduction
  public let scale: ReproductionScale
  public let folder: String
  /// The folder DATA with the data sets: a data set is in a folder such as DATA/mnist, or in DATA itself.
  private let dataRoot: String?
  private let threads: Int
  private let stop: () -> Bool
  public var observer = Trainer.Observer()
  private var startedAt = ContinuousClock.now
  /// Held from the first file in the folder on, as long as this object lives.
  private var lock: FileLock?
  /// Whether anything has been saved for a later session.
  public var hasBegun: Bool { lock != nil }

  /// Thrown when the session was asked to stop. All finished work is saved.
  public struct Interrupted: Error {}

  /// - Throws: ``RunFolderError`` if the folder holds something else, ``RunError`` if there is no long form.
  public init(
    _ reproduction: Reproduction, scale: ReproductionScale, folder: String, dataRoot: String?, threads: Int,
    until stop: @escaping () -> Bool
  ) throws {
    self.reproduction = reproduction
    self.scale = scale
    self.folder = folder
    self.dataRoot = dataRoot
    self.threads = threads
    self.stop = stop
    if scale == .long, reproduction.longDuration == nil {
      let long = Reproduction.all.filter { $0.longDuration != nil }.map(\.name)
      throw RunError.conflict(
        "\(reproduction.name) has no long form, it is whole without --long; \(long.joined(separator: ", ")) have one")
    }
    try Self.check(folder, isOf: reproduction, scale)
  }

  /// The name of the file that says to which reproduction a folder belongs, before there is a page.
  private static let marker = "reproduction"

  /// Throws if the folder holds anything but this reproduction.
  private static func check(_ folder: String, isOf reproduction: Reproduction, _ scale: ReproductionScale)
    throws(RunFolderError)
  {
    guard try !RunFolder.allNames(in: folder).isEmpty else { return }
    let mark = try kept([String].self, as: marker, in: folder)
    guard let found = try ReproductionSummary.inspect(folder).map({ [$0.name, $0.scale.rawValue] }) ?? mark else {
      throw .holdsOtherFiles(folder)
    }
    guard found == [reproduction.name, scale.rawValue] else {
      throw .holdsAnother(folder, what: found.joined(separator: " in the form "))
    }
  }

  /// Runs the reproduction, and writes its page.
  /// - Returns: The page, and the paths of its files.
  public func run() throws -> (page: ReproductionPage, paths: [String]) {
    // Check early that all data sets are there. With a single data set the first run does so before it begins.
    if reproduction.data.count > 1 {
      for name in reproduction.data {
        _ = try Dataset.load(name, from: dataFolder(for: name).map { URL(filePath: $0) })
      }
    }
    let page = try reproduction.run(self)
    try begin()
    let seconds = try remembered("seconds") { 0.0 } + elapsed
    try remember("seconds", seconds)
    let summary = ReproductionSummary(
      name: reproduction.name, title: reproduction.title, scale: scale, day: day(Date()),
      machine: Machine.description, seconds: seconds, verdicts: page.verdicts)
    try checkPlace()
    let command = "descent reproduce \(reproduction.name)\(scale.option)"
    let figures = try page.write(summary, command: command, paper: reproduction.paper, in: folder)
    return (page, ["\(folder)/README.md"] + figures)
  }

  /// The configuration of a run of this reproduction.
  func configuration(
    data: String, model: String, optimizer: String, epochs: Int, batch: Int
  ) -> RunConfiguration {
    RunConfiguration(
      data: data, dataFolder: dataFolder(for: OptionSpec.name(of: data)), model: model, optimizer: optimizer,
      epochs: epochs, batchSize: batch, seed: 1, threads: threads)
  }

  func dataFolder(for name: String) -> String? {
    guard let dataRoot else { return nil }
    let inside = "\(dataRoot)/\(name)"
    return access(inside, F_OK) == 0 ? inside : dataRoot
  }

  /// Trains all contenders with all seeds, or goes on with their training.
  func compare(_ name: String, _ contenders: [Contender], seeds: Int) throws -> [ContenderResult] {
    let plan = try ComparisonPlan(contenders, seeds: (1...UInt64(seeds)).map { $0 })
    try begin()
    let comparison = try Comparison(plan, in: "\(folder)/runs/\(name)", resume: true)
    comparison.observer = observer
    guard try comparison.run(until: stop) == .finished else {
      try remember("seconds", try remembered("seconds") { 0.0 } + elapsed)
      throw Interrupted()
    }
    return try comparison.results()
  }

  var isStopped: Bool { stop() }
  var isQuick: Bool { scale == .quick }

  /// The value for the scale. Without a `long` value, the long form has the full one.
  func scaled<Value>(quick: Value, full: Value, long: Value? = nil) -> Value {
    switch scale {
    case .quick: quick
    case .full: full
    case .long: long ?? full
    }
  }

  /// Shows the progress of work that is not a run, and throws if the session was asked to stop.
  func advance(_ label: String, _ done: Int, of count: Int) throws {
    if stop() { throw Interrupted() }
    var progress = Progress(epoch: 1, epochs: 1, step: done, stepsPerEpoch: count, loss: nil)
    progress.series = Progress.Series(label: label, number: 1, count: 1, stepsBefore: 0, stepsAfter: 0)
    observer.step(progress)
  }

  /// The value that an earlier session saved under `name`; otherwise the result of `compute`, which is saved.
  func remembered<Value: Codable>(_ name: String, _ compute: () throws -> Value) throws -> Value {
    if let value = try Self.kept(Value.self, as: name, in: folder) { return value }
    if stop() { throw Interrupted() }
    try begin()
    let value = try compute()
    try remember(name, value)
    return value
  }

  /// Creates the folder, and notes to which reproduction it belongs.
  ///
  /// Call it only when work is sure to begin, so that a refused reproduction leaves nothing behind.
  private func begin() throws {
    if hasBegun { return }
    // Another process may have come first.
    try Self.check(folder, isOf: reproduction, scale)
    try OutputFolder.create("\(folder)/runs")
    lock = try FileLock.take("\(folder)/runs/.lock")
    guard hasBegun else { throw RunFolderError.inUse(folder) }
    try remember(Self.marker, [reproduction.name, scale.rawValue])
  }

  private func remember(_ name: String, _ value: some Encodable) throws {
    try checkPlace()
    try AtomicFile.write(JSON.line(value) + "\n", to: Self.path(of: name, in: folder))
  }

  private static func path(of name: String, in folder: String) -> String { "\(folder)/runs/\(name).json" }

  /// The value that is saved under `name` in the reproduction's folder; nil if there is none.
  /// - Throws: ``RunFolderError`` if the file cannot be read, so that its value is not computed again and replaced.
  private static func kept<Value: Decodable>(
    _: Value.Type, as name: String, in folder: String
  ) throws(RunFolderError) -> Value? {
    let path = path(of: name, in: folder)
    let bytes: [UInt8]?
    do throws(FileError) { bytes = try WholeFile.bytes(path) } catch { throw .file(error) }
    guard let bytes else { return nil }
    do { return try JSON.decode(Value.self, from: Data(bytes)) } catch { throw .invalidNumbers(path) }
  }

  /// Checks, before anything is written, that the folder is still where it was opened.
  private func checkPlace() throws(RunFolderError) {
    guard lock?.isInPlace != false else { throw .moved(folder) }
  }

  private var elapsed: Double {
    (ContinuousClock.now - startedAt) / .seconds(1)
  }
}
