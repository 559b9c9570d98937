/// One of the things that a comparison compares: a name, and the run that it stands for. Only the run's seed varies.
public struct Contender: Codable, Hashable, Sendable {
  /// The name in tables and figures.
  public var name: String
  public var configuration: RunConfiguration

  public init(_ name: String, _ configuration: RunConfiguration) {
    self.name = name
    self.configuration = configuration
  }

  /// The name, shortened to fit the progress line.
  var label: String {
    let name = name.printable()
    return name.count <= 20 ? name : "\(name.prefix(19))…"
  }

  /// A name for its folder: letters, digits and periods, with a single hyphen in place of anything else.
  var folderName: String {
    let words = name.unicodeScalars.split { scalar in
      switch scalar {
      case "a"..."z", "A"..."Z", "0"..."9", ".": false
      default: true
      }
    }
    return String(words.map { String($0) }.joined(separator: "-").prefix(60))
  }
}
