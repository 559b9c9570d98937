/// One of the things that a comparison compares: a name and the run it stands for, of which only the seed varies.
public struct Contender: Codable, Hashable, Sendable {
  /// What tables and figures call it.
  public var name: String
  public var configuration: RunConfiguration

  public init(_ name: String, _ configuration: RunConfiguration) {
    self.name = name
    self.configuration = configuration
  }

  /// The name, cut for a line of progress.
  var label: String {
    let name = name.printable()
    return name.count <= 20 ? name : "\(name.prefix(19))…"
  }

  /// A name for its folder: letters, digits, and single hyphens for all else.
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
