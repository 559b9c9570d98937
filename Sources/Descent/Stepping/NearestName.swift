/// The name among `known` that differs least from `name` (Levenshtein's distance, case ignored), if one is near enough
/// to have been meant.
package func nearestName(to name: String, among known: [String]) -> String? {
  let name = name.lowercased()
  let candidates = known.map { ($0, distance(name, $0.lowercased())) }
  guard let (nearest, edits) = candidates.min(by: { $0.1 < $1.1 }) else { return nil }
  return edits <= max(2, name.count / 3) ? nearest : nil
}

private func distance(_ a: String, _ b: String) -> Int {
  let b = Array(b)
  var row = Array(0...b.count)
  for (i, x) in a.enumerated() {
    var diagonal = row[0]
    row[0] = i + 1
    for (j, y) in b.enumerated() {
      let substituted = diagonal + (x == y ? 0 : 1)
      diagonal = row[j + 1]
      row[j + 1] = min(substituted, row[j] + 1, row[j + 1] + 1)
    }
  }
  return row[b.count]
}
