import Descent
import Foundation

/// What the folder of a run holds, read without changing it: also while it is written.
public struct SavedRun: Sendable {
  /// Short, and another for each of the runs read together.
  public internal(set) var name: String
  public let configuration: RunConfiguration
  /// A row an epoch.
  public let rows: [EpochMetrics]
  /// Why the run ended before its last epoch; nil if it did not.
  let divergence: String?
  /// By tag, in the order of steps.
  let events: [String: [(step: Int, value: Double)]]

  /// Reads the run in the folder `path`.
  /// - Throws: ``RunFolderError``.
  init(_ path: String, name: String) throws(RunFolderError) {
    self.name = name
    configuration = try RunFolder.configuration(ofRunIn: path)
    rows = try MetricsFile("\(path)/metrics.csv", upTo: .max).rows
    divergence = try RunFolder.divergence(ofRunIn: path)
    var events: [String: [(step: Int, value: Double)]] = [:]
    for scalar in EventReader(folder: path).scalars {
      events[scalar.tag, default: []].append((scalar.step, scalar.value))
    }
    self.events = events
  }

  /// The runs in the folders `paths`: each the folder of a run, or one that contains such folders.
  ///
  /// - Parameters:
  ///   - paths: Of folders.
  ///   - note: Told of each run that cannot be read, beside others that can, and of folders that cannot be named.
  /// - Throws: ``RunFolderError`` if one contains none, or no run can be read.
  public static func find(
    in paths: [String], note: (String) -> Void = { _ in }
  ) throws(RunFolderError) -> [SavedRun] {
    var records: [(path: String, record: SavedRun)] = []
    var failures: [RunFolderError] = []
    for path in paths {
      let root = absolutePath(path)
      let clean = root.count > 1 && root.hasSuffix("/") ? String(root.dropLast()) : root
      let found = folders(in: clean, depth: 0, note)
      guard !found.isEmpty else { throw .holdsNoRun(path) }
      for folder in found where !records.contains(where: { $0.path == folder }) {
        let base = (clean as NSString).lastPathComponent
        let inner = String(folder.dropFirst(clean.count).drop { $0 == "/" })
        let name = inner.isEmpty ? base : paths.count == 1 ? inner : "\(base)/\(inner)"
        do throws(RunFolderError) { records.append((folder, try SavedRun(folder, name: name))) } catch {
          failures.append(error)
        }
      }
    }
    if records.isEmpty, let failure = failures.first { throw failure }
    for failure in failures { note("left out: \(failure)") }
    let count = Dictionary(grouping: records, by: \.record.name).mapValues(\.count)
    return records.map { path, record in
      var record = record
      // Folders of the same name in different places.
      if count[record.name]! > 1 { record.name = path }
      return record
    }
  }

  /// The folders of runs in `path`, itself included, in the order a person would count them.
  private static func folders(in path: String, depth: Int, _ note: (String) -> Void) -> [String] {
    if FileManager.default.fileExists(atPath: "\(path)/config.json") { return [path] }
    guard depth < 6, let listing = try? FolderListing(path) else { return [] }
    if listing.unreadableCount > 0 { note("left out: '\(path)' has \(listing.problem); rename what is to be seen") }
    return listing.names.filter { !$0.hasPrefix(".") }
      .sorted { $0.compare($1, options: .numeric) == .orderedAscending }
      .flatMap { name -> [String] in
        var isFolder: ObjCBool = false
        let inner = "\(path)/\(name)"
        guard FileManager.default.fileExists(atPath: inner, isDirectory: &isFolder), isFolder.boolValue else {
          return []
        }
        return folders(in: inner, depth: depth + 1, note)
      }
  }

  func setting(_ name: String) -> String? { settings.first { $0.name == name }?.value }

  /// The settings, names and values: an optimizer's and a model's options one by one.
  var settings: [(name: String, value: String)] {
    var settings: [(String, String)] = [("data", configuration.data)]
    for (name, text) in [("model", configuration.model), ("optimizer", configuration.optimizer)] {
      let spec = try? OptionSpec(parsing: text)
      settings.append((name, spec?.name ?? text))
      settings += spec?.options.map { ("\(name).\($0.key)", $0.value) } ?? []
    }
    settings += [("epochs", "\(configuration.epochs)"), ("batch", "\(configuration.batchSize)")]
    let rest: [(String, String?)] = [
      ("average", configuration.average), ("clip norm", configuration.clipNorm.map { "\($0)" }),
      ("weight decay", configuration.weightDecay.map { "\($0)" }),
      ("update in backward", configuration.updateInBackward.map { "\($0)" }),
      ("threads", "\(configuration.threads)"), ("diagnostics", configuration.diagnostics.map { "\($0)" }),
      ("seed", "\(configuration.seed)"),
    ]
    return settings + rest.compactMap { name, value in value.map { (name, $0) } }
  }
}
