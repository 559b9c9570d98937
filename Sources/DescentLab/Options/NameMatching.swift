/// How names that a user types are compared: case, hyphens, underscores and spaces do not count.
public enum NameMatching {
  /// The name without what does not count.
  public static func canonical(_ name: some StringProtocol) -> String {
    name.lowercased().filter { !"-_ ".contains($0) }
  }

  /// The one of `names` that `name` means.
  public static func find(_ name: some StringProtocol, in names: some Sequence<String>) -> String? {
    let wanted = canonical(name)
    return names.first { canonical($0) == wanted }
  }

  /// The one of `names` that `name` was probably meant to be, if one is near enough: at most a third of it is wrong.
  public static func nearest(to name: some StringProtocol, in names: some Sequence<String>) -> String? {
    let wanted = Array(canonical(name))
    let ranked = names.map { (name: $0, distance: distance(wanted, Array(canonical($0)))) }
    guard let best = ranked.min(by: { $0.distance < $1.distance }) else { return nil }
    return best.distance <= max(1, wanted.count / 3) ? best.name : nil
  }

  /// ", did you mean 'adam'?" and all the names, for the end of a message.
  static func suggestion(for name: some StringProtocol, in names: [String]) -> String {
    let all = "there are: \(names.joined(separator: ", "))"
    return nearest(to: name, in: names).map { "did you mean '\($0)'? (\(all))" } ?? all
  }

  /// The fewest insertions, deletions, replacements and swaps of neighbours that turn `a` into `b` (optimal string
  /// alignment). Complexity: O(`a.count` · `b.count`).
  static func distance(_ a: [Character], _ b: [Character]) -> Int {
    var beforePrevious: [Int] = []
    var previous = Array(0...b.count)
    for i in a.indices {
      var row = [i + 1]
      for j in b.indices {
        var best = min(previous[j] + (a[i] == b[j] ? 0 : 1), previous[j + 1] + 1, row[j] + 1)
        if i > 0, j > 0, a[i] == b[j - 1], a[i - 1] == b[j] { best = min(best, beforePrevious[j - 1] + 1) }
        row.append(best)
      }
      (beforePrevious, previous) = (previous, row)
    }
    return previous[b.count]
  }
}
