/// The name among `known` that was probably meant by `name`, if one is near enough; case is ignored.
///
/// A name is near if it differs little (Levenshtein's distance; two swapped letters count as one slip), or if `name`
/// abbreviates it: `b1` stands for `beta1`.
func nearestName(to name: String, among known: [String]) -> String? {
  let name = Array(name.lowercased())
  var best: (name: String, cost: Int, edits: Int)?
  for candidate in known {
    let letters = Array(candidate.lowercased())
    let edits = distance(name, letters)
    // As many edits as there are letters leave nothing of the name.
    let isNear = edits <= max(2, name.count / 3) && edits < name.count
    let isAbbreviation = isAbbreviation(name, of: letters)
    guard isNear || isAbbreviation else { continue }
    let cost = isAbbreviation ? min(edits, 1) : edits
    if best == nil || (cost, edits) < (best!.cost, best!.edits) { best = (candidate, cost, edits) }
  }
  return best?.name
}

/// Whether `short` begins like `name` and has only letters of it, in their order.
private func isAbbreviation(_ short: [Character], of name: [Character]) -> Bool {
  guard short.count >= 2, short.first == name.first else { return false }
  var rest = name[...]
  for letter in short {
    guard let position = rest.firstIndex(of: letter) else { return false }
    rest = rest[(position + 1)...]
  }
  return true
}

private func distance(_ a: [Character], _ b: [Character]) -> Int {
  var (before, last) = ([Int](), Array(0...b.count))
  for (i, x) in a.enumerated() {
    var row = [i + 1]
    for (j, y) in b.enumerated() {
      var edits = min(last[j] + (x == y ? 0 : 1), row[j] + 1, last[j + 1] + 1)
      if i > 0, j > 0, x == b[j - 1], a[i - 1] == y { edits = min(edits, before[j - 1] + 1) }
      row.append(edits)
    }
    (before, last) = (last, row)
  }
  return last[b.count]
}
