import Descent

/// Compares names that a user types: case, hyphens, underscores and spaces do not count.
public enum NameMatching {
  /// The name in lower case, without hyphens, underscores and spaces.
  public static func canonical(_ name: some StringProtocol) -> String {
    name.lowercased().filter { $0 != "-" && $0 != "_" && $0 != " " }
  }

  /// The first of `names` that matches `name`.
  public static func find(_ name: some StringProtocol, in names: some Sequence<String>) -> String? {
    let wanted = canonical(name)
    return names.first { canonical($0) == wanted }
  }

  /// The one of `names` that the user probably meant by `name`, if one is near enough.
  public static func nearest(to name: some StringProtocol, in names: some Sequence<String>) -> String? {
    let known = Array(names)
    let nearest = nearestName(to: canonical(name), among: known.map { canonical($0) })
    return nearest.flatMap { find($0, in: known) }
  }

  /// "did you mean 'adam'?" and all the names, for the end of a message.
  ///
  /// - Parameter short: Other words for some of them.
  static func suggestion(for name: some StringProtocol, in names: [String], also short: [String] = []) -> String {
    let all = "there are: \(names.joined(separator: ", "))"
    return nearest(to: name, in: names + short).map { "did you mean '\($0)'? (\(all))" } ?? all
  }
}
