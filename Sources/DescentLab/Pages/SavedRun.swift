import Descent
import Foundation

/// The content of a run's folder. Reading changes nothing and works while the run still writes.
public struct SavedRun: Sendable {
  /// A short name, different for each of the runs read together.
  public internal(set) var name: String
  public let configuration: RunConfiguration
  /// A row for each epoch.
  public let rows: [EpochMetrics]
  /// Why the run diverged, in words; nil if it did not.
  public let divergence: String?
  /// The values in the event files by tag, in the order of steps.
  let events: [String: [(step: Int, value: Double)]]

  /// Reads the run in the folder `path`.
  /// - Throws: ``RunFolderError``.
  init(_ path: String, name: String) throws(RunFolderError) {
    self.name = name
    configuration = try RunFolder.configuration(ofRunIn: path)
    rows = try MetricsFile("\(path)/metrics.csv", upTo: .max).rows
    divergence = try RunFolder.divergence(ofRunIn: path) ?? rows.last?.divergence?.description
    var events: [String: [(step: Int, value: Double)]] = [:]
    for scalar in EventReader(folder: path).scalars {
      events[scalar.tag, default: []].append((scalar.step, scalar.value))
    }
    self.events = events
  }

  /// The runs in the folders `paths`: each the folder of a run, or one that contains such folders.
  ///
  /// - Parameters:
  ///   - paths: The paths of the folders.
  ///   - note: Called for each run that cannot be read if others can, and for folders whose names cannot be read.
  /// - Throws: ``RunFolderError`` if a path contains no run, or if no run can be read.
  public static func find(
    in paths: [String], note: (String) -> Void = { _ in }
  ) throws(RunFolderError) -> [SavedRun] {
    var records: [(path: String, record: SavedRun)] = []
    var failures: [RunFolderError] = []
    var known: Set<FileIdentity> = []
    for path in paths {
      let root = absolutePath(path)
      let clean = root.count > 1 && root.hasSuffix("/") ? String(root.dropLast()) : root
      var visited: Set<FileIdentity> = []
      let found = folders(in: clean, depth: 0, &visited, note)
      guard !found.isEmpty else { throw .holdsNoRun(path) }
      for folder in found where known.insert(folder.identity).inserted {
        let base = (clean as NSString).lastPathComponent
        let inner = String(folder.path.dropFirst(clean.count).drop { $0 == "/" })
        let name = inner.isEmpty ? base : paths.count == 1 ? inner : "\(base)/\(inner)"
        do throws(RunFolderError) { records.append((folder.path, try SavedRun(folder.path, name: name))) } catch {
          failures.append(error)
        }
      }
    }
    if records.isEmpty, let failure = failures.first { throw failure }
    for failure in failures { note("left out: \(failure)") }
    let count = Dictionary(grouping: records, by: \.record.name).mapValues(\.count)
    return records.map { path, record in
      var record = record
      // Folders in different places can have the same name.
      if count[record.name]! > 1 { record.name = path }
      return record
    }
  }

  /// The folders of runs in `path`, itself included. Numbers in their names are in numeric order.
  ///
  /// - Parameter visited: Folders that have been searched already: symbolic links can lead to a folder again and again.
  private static func folders(
    in path: String, depth: Int, _ visited: inout Set<FileIdentity>, _ note: (String) -> Void
  ) -> [(path: String, identity: FileIdentity)] {
    guard let identity = FileIdentity(path), visited.insert(identity).inserted else { return [] }
    if FileManager.default.fileExists(atPath: "\(path)/config.json") { return [(path, identity)] }
    guard depth < 6, let listing = try? FolderListing(path) else { return [] }
    if listing.unreadableCount > 0 { note("left out: '\(path)' has \(listing.problem); rename what is to be seen") }
    var found: [(path: String, identity: FileIdentity)] = []
    let names = listing.names.filter { !$0.hasPrefix(".") }
    for name in names.sorted(by: { $0.compare($1, options: .numeric) == .orderedAscending }) {
      found += folders(in: "\(path)/\(name)", depth: depth + 1, &visited, note)
    }
    return found
  }

  /// The names and values of all settings. Each option of the optimizer and of the model is a setting of its own.
  var settings: [(name: String, value: String)] {
    var settings: [(String, String)] = [("data", configuration.data)]
    for (name, text) in [("model", configuration.model), ("optimizer", configuration.optimizer)] {
      let spec = try? OptionSpec(parsing: text)
      settings.append((name, spec?.name ?? text))
      settings += spec?.options.map { ("\(name).\($0.key)", $0.value) } ?? []
    }
    settings.append(("epochs", "\(configuration.epochs)"))
    let rest: [(String, String?)] = [
      ("batch", configuration.batchSize.map { "\($0)" }),
      ("average", configuration.average), ("clip norm", configuration.clipNorm.map { "\($0)" }),
      ("weight decay", configuration.weightDecay.map { "\($0)" }),
      ("update in backward", configuration.updateInBackward.map { "\($0)" }),
      ("threads", "\(configuration.threads)"), ("diagnostics", configuration.diagnostics.map { "\($0)" }),
      ("seed", "\(configuration.seed)"),
    ]
    return settings + rest.compactMap { name, value in value.map { (name, $0) } }
  }
}
