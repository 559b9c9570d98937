import Descent
import Foundation

/// `comparison.json`: what is compared, and what repeats it.
public struct ComparisonRecord: Codable, Hashable, Sendable {
  public let contenders: [Contender]
  public let seeds: [UInt64]

  /// The comparison that the folder at `path` holds; nil if there is nothing. Changes nothing.
  /// - Throws: ``RunFolderError`` if it holds something else.
  public static func inspect(_ path: String) throws(RunFolderError) -> ComparisonRecord? {
    var status = stat()
    guard stat(path, &status) == 0 else { return nil }
    guard status.st_mode & S_IFMT == S_IFDIR else { throw .notAFolder(path) }
    let file = "\(path)/\(fileName)"
    guard access(file, F_OK) == 0 else {
      let names = RunFolder.names(in: path)
      guard !names.contains(RunFolder.configurationName) else {
        throw .holdsAnother(path, what: "a single run, which is no comparison")
      }
      guard names.isEmpty else { throw .holdsOtherFiles(path) }
      return nil
    }
    guard let data = try? Data(contentsOf: URL(filePath: file)) else {
      throw .invalidConfiguration(file, reason: "it cannot be read")
    }
    guard let record = try? JSON.decode(Self.self, from: data), !record.contenders.isEmpty else {
      throw .invalidConfiguration(file, reason: "it is no comparison's")
    }
    return record
  }

  /// Checks that `plan` is the same comparison; where data lie may differ, and there may be more seeds.
  func check(goesOnAs plan: ComparisonPlan, in path: String) throws(RunFolderError) {
    let names = (contenders.map(\.name), plan.contenders.map(\.name))
    guard names.0 == names.1 else {
      throw .otherConfiguration(
        path, difference: "\(names.0.joined(separator: " and ")), not \(names.1.joined(separator: " and "))")
    }
    guard plan.seeds.starts(with: seeds) else {
      throw .otherConfiguration(
        path, difference: "--seed \(seeds[0]) --seeds \(seeds.count), not \(plan.seeds[0]) and \(plan.seeds.count)")
    }
    for (saved, planned) in zip(contenders, plan.contenders) {
      try RunFolder.check(planned.configuration, goesOnWith: saved.configuration, in: path)
    }
  }

  func write(in path: String) throws(FileError) {
    try AtomicFile.write(JSON.text(self), to: "\(path)/\(Self.fileName)")
  }

  static let fileName = "comparison.json"
}
