import Descent
import Foundation

/// `comparison.json`: what is compared, with all that is needed to repeat it.
public struct ComparisonRecord: Codable, Hashable, Sendable {
  public let contenders: [Contender]
  public let seeds: [UInt64]

  /// The comparison that the folder at `path` holds; nil if there is nothing. Changes nothing.
  /// - Throws: ``RunFolderError`` if it holds something else.
  public static func inspect(_ path: String) throws(RunFolderError) -> ComparisonRecord? {
    var status = stat()
    guard stat(path, &status) == 0 else {
      guard errno == ENOENT else { throw .file(FileError(.read, path: path, code: errno)) }
      return nil
    }
    guard status.st_mode & S_IFMT == S_IFDIR else { throw .notAFolder(path) }
    let names = try RunFolder.allNames(in: path)
    let file = "\(path)/\(fileName)"
    guard let record = try read(file) else {
      guard !names.contains(RunFolder.configurationName) else {
        throw .holdsAnother(path, what: "a single run, which is no comparison")
      }
      guard names.allSatisfy(RunFolder.isPassing) else { throw .holdsOtherFiles(path) }
      return nil
    }
    if let problem = record.problem { throw .invalidConfiguration(file, reason: problem) }
    return record
  }

  /// Why the record is no valid comparison, in words; nil if it is one. The checks are those of a user's options.
  private var problem: String? {
    if contenders.isEmpty { return "it has no contenders" }
    if seeds.isEmpty { return "it has no seeds" }
    for contender in contenders {
      do throws(RunError) { try contender.configuration.checkSaved() } catch {
        return "contender '\(contender.name)': \(error)"
      }
    }
    return nil
  }

  /// Checks that `plan` is the same comparison. The data's folder may differ, and there may be more seeds.
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
    try AtomicFile.write(JSON.text(Versioned(self)), to: "\(path)/\(Self.fileName)")
  }

  static let fileName = "comparison.json"
}

extension ComparisonRecord: VersionedContent {
  static var version: Int { 1 }
}
