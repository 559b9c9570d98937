import Descent
import DescentLab
import Foundation

/// The results of a reproduction: text, tables, figures, and whether the published claims hold.
public struct ReproductionPage: Sendable {
  enum Part: Sendable {
    case heading(String)
    case text(String)
    case table(Table)
    /// A figure's file name without its extension, and what it shows.
    case figure(String, any Drawing, caption: String)
  }

  /// A published claim, and whether our numbers confirm it.
  public struct Verdict: Codable, Hashable, Sendable {
    public var claim: String
    public var holds: Bool
    /// Our numbers.
    public var evidence: String
  }

  private(set) var parts: [Part] = []
  public private(set) var verdicts: [Verdict] = []

  mutating func add(heading: String) { parts.append(.heading(heading)) }
  mutating func add(_ text: String) { parts.append(.text(text)) }
  mutating func add(_ table: Table) { parts.append(.table(table)) }
  mutating func add(_ figure: any Drawing, as name: String, _ caption: String) {
    parts.append(.figure(name, figure, caption: caption))
  }
  /// Records whether `claim` holds, with our numbers as evidence.
  mutating func judge(_ claim: String, _ holds: Bool, _ evidence: String) {
    verdicts.append(Verdict(claim: claim, holds: holds, evidence: evidence))
  }

  /// The tables, for a terminal, and the verdicts.
  public var text: String {
    let tables = parts.compactMap { part -> String? in
      switch part {
      case .table(let table): table.text() + "\n"
      case .heading(let heading): heading + "\n\n"
      default: nil
      }
    }
    return tables.joined() + verdicts.map { "\($0.holds ? "✓" : "✗") \($0.claim): \($0.evidence)\n" }.joined()
  }

  /// Writes `README.md`, its figures, and `summary.json` into `folder`.
  /// - Returns: The paths of the figures.
  /// - Throws: ``FileError``. If gnuplot is missing, figures are left out, and the page says so.
  func write(_ summary: ReproductionSummary, command: String, paper: String, in folder: String) throws -> [String] {
    var paths: [String] = []
    var lines = ["# \(summary.title)", "", paper + ".", "", "```", command, "```", "", summary.circumstances, ""]
    var table = Table(header: ["published", "holds", "here"])
    for verdict in verdicts { table.add([verdict.claim, verdict.holds ? "yes" : "**no**", verdict.evidence]) }
    lines += [table.markdown()]
    for part in parts {
      switch part {
      case .heading(let heading): lines += ["## \(heading)", ""]
      case .text(let text): lines += [text, ""]
      case .table(let table): lines += [table.markdown()]
      case .figure(let name, let figure, let caption):
        do {
          let path = "\(folder)/\(name).svg"
          try AtomicFile.write(try figure.render(.svg), to: path)
          paths.append(path)
          lines += ["![\(caption)](\(name).svg)", "", caption + ".", ""]
        } catch let error as FigureError {
          lines += ["(No figure '\(caption)': \(error).)", ""]
        }
      }
    }
    try AtomicFile.write(lines.joined(separator: "\n"), to: "\(folder)/README.md")
    try summary.write(in: folder)
    return paths
  }
}

/// `summary.json`: the facts about one reproduction for an index of reproductions.
public struct ReproductionSummary: Codable, Sendable {
  public var name: String
  public var title: String
  public var scale: ReproductionScale
  /// "2026-11-21".
  public var day: String
  public var machine: String
  /// Seconds of computing, added up over interruptions.
  public var seconds: Double
  public var verdicts: [ReproductionPage.Verdict]

  fileprivate var circumstances: String {
    let prefix = scale == .quick ? "The quick form, scaled down: a claim that fails here may hold in full. " : ""
    let minutes = seconds < 120 ? "\(fixed(seconds, digits: 0)) s" : "\(fixed(seconds / 60, digits: 0)) min"
    return "\(prefix)Run on \(day) in \(minutes) on \(machine)."
  }

  func write(in folder: String) throws { try AtomicFile.write(JSON.text(self), to: "\(folder)/summary.json") }

  /// The summary of the reproduction in `folder`; nil if it has none.
  /// - Throws: ``RunFolderError`` if it cannot be read.
  static func inspect(_ folder: String) throws(RunFolderError) -> ReproductionSummary? {
    let path = "\(folder)/summary.json"
    let bytes: [UInt8]?
    do throws(FileError) { bytes = try WholeFile.bytes(path) } catch {
      // The path leads through a file, not a folder, so there is no reproduction.
      if error.code == ENOTDIR { return nil }
      throw .file(error)
    }
    guard let bytes else { return nil }
    guard let summary = try? JSON.decode(Self.self, from: Data(bytes)) else {
      throw .invalidConfiguration(path, reason: "it is no reproduction's summary")
    }
    return summary
  }

  /// The summaries of the reproductions in the folders of `path`, in the catalogue's order.
  static func all(in path: String) throws(RunFolderError) -> [(folder: String, summary: ReproductionSummary)] {
    var found: [(folder: String, summary: ReproductionSummary)] = []
    for name in try RunFolder.allNames(in: path).sorted() {
      if let summary = try inspect("\(path)/\(name)") { found.append((name, summary)) }
    }
    return Reproduction.all.flatMap { one in found.filter { $0.summary.name == one.name } }
  }

  /// Writes `README.md` in `path`: a line for each reproduction in its folders.
  /// - Throws: ``RunFolderError`` if there is no reproduction, or if `path` has a `README.md` that is no such index.
  public static func writeIndex(in path: String) throws {
    let summaries = try all(in: path)
    guard !summaries.isEmpty else { throw RunFolderError.holdsNoReproductions(path) }
    let index = "\(path)/README.md"
    if let text = try WholeFile.text(index), !text.hasPrefix(heading) {
      throw RunFolderError.holdsOtherFiles(path)
    }
    var table = Table(header: ["reproduction", "what", "holds", "date"])
    for (folder, summary) in summaries {
      let holding = summary.verdicts.filter(\.holds).count
      table.add([
        "[\(summary.name)\(summary.scale == .full ? "" : " (\(summary.scale.rawValue))")](\(folder)/README.md)",
        summary.title,
        "\(holding) of \(summary.verdicts.count)", summary.day,
      ])
    }
    let text = """
      \(heading)

      What the papers published, beside what Descent finds on the same data. Each page has the command that makes it, the
      machine, tables, figures, and for each published claim whether it holds here. `descent reproduce list` lists what can
      be run, `descent reproduce index FOLDER` writes this index.


      """
    try AtomicFile.write(text + table.markdown(), to: index)
  }

  private static let heading = "# Results"
}
