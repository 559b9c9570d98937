/// Parameters that are stepped with options of their own, or not at all.
public struct ParameterGroup<Rule: Configurable>: Sendable, Codable {
  /// A name, or a pattern in which `*` stands for any characters: `*.bias`.
  public let pattern: String
  /// The rule with the group's own options.
  public var rule: Rule
  /// Whether the parameters keep their values.
  public var isFrozen: Bool

  @usableFromInline
  func contains(_ name: String) -> Bool { matches(name[...], pattern[...]) }

}

/// Whether `name` is `pattern`, in which `*` stands for any characters.
package func matches(_ name: Substring, _ pattern: Substring) -> Bool {
  guard let first = pattern.first else { return name.isEmpty }
  if first == "*" {
    let rest = pattern.dropFirst()
    return name.indices.contains { matches(name[$0...], rest) } || matches("", rest)
  }
  return name.first == first && matches(name.dropFirst(), pattern.dropFirst())
}
