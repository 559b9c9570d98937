/// The error for a name that does not exist: of a method, an option, a model, a data set, a problem and the like.
public struct UnknownName: Error, Hashable, CustomStringConvertible {
  /// What has no such name: `optimizer`, `option`, `model`.
  public let kind: String
  /// Whose it would be: the method of an option, for example.
  public let owner: String?
  /// The name as it was written.
  public let name: String
  /// The names that exist.
  public let known: [String]

  /// - Parameters:
  ///   - name: The name as it was written.
  ///   - kind: What has no such name.
  ///   - owner: Whose it would be, if it belongs to something.
  ///   - known: The names that exist.
  public init(_ name: String, kind: String, of owner: String? = nil, known: [String]) {
    self.name = name
    self.kind = kind
    self.owner = owner
    self.known = known
  }

  /// The name that was probably meant, if one is near enough.
  public var nearest: String? { Names.nearest(to: name, in: known) }

  public var description: String {
    let fact = owner.map { "'\($0)' has no \(kind) '\(name)'" } ?? "there is no \(kind) '\(name)'"
    guard !known.isEmpty else { return fact + ": there are none" }
    let all = "there are: \(known.joined(separator: ", "))"
    guard let nearest else { return "\(fact): \(all)" }
    // A long list would hide the one name that helps.
    return "\(fact): did you mean '\(nearest)'?" + (known.count <= 12 ? " (\(all))" : "")
  }
}
