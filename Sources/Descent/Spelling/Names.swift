/// Names as users type them: case, hyphens, underscores and spaces do not count.
package enum Names {
  /// Short names of options, for the full ones that stand in the methods.
  private static let short = ["lr": "learningRate", "eps": "epsilon"]

  /// The name in lower case, without hyphens, underscores and spaces.
  package static func canonical(_ name: some StringProtocol) -> String {
    name.lowercased().filter { $0 != "-" && $0 != "_" && !$0.isWhitespace }
  }

  /// The full name of an option: `learningRate` for `lr`, `epsilon` for `eps`.
  package static func full(_ option: String) -> String { short[canonical(option)] ?? option }

  /// The first of `names` that matches `name`.
  package static func find(_ name: some StringProtocol, in names: some Sequence<String>) -> String? {
    let wanted = canonical(name)
    return names.first { canonical($0) == wanted }
  }

  /// The first of `items` whose name matches `name`.
  ///
  /// - Parameter kind: What the items are, such as `model`.
  package static func find<Item>(
    _ name: String, in items: [Item], kind: String, named itemName: (Item) -> String
  ) throws(UnknownName) -> Item {
    let wanted = canonical(name)
    for item in items where canonical(itemName(item)) == wanted { return item }
    throw UnknownName(name, kind: kind, known: items.map(itemName))
  }

  /// The one of `names` that the user probably meant by `name`, if one is near enough. Short names of theirs count too.
  package static func nearest(to name: some StringProtocol, in names: some Sequence<String>) -> String? {
    let full = Array(names)
    let known = full + short.filter { full.contains($0.value) }.keys.sorted()
    let nearest = nearestName(to: canonical(name), among: known.map { canonical($0) })
    return nearest.flatMap { find($0, in: known) }
  }
}
