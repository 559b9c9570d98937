/// Runs that differ in their seed alone, together.
struct RunGroups {
  /// The group of each run.
  let numbers: [Int]
  /// The groups' names: the folder that their runs lie in, or the run's own where it is the only one.
  let names: [String]

  init(_ runs: [SavedRun]) {
    var keys: [RunConfiguration] = []
    let numbers = runs.map { run in
      var key = run.configuration
      key.seed = 0
      // On what no result depends, or none but in its last bits.
      key.dataFolder = nil
      key.threads = 0
      key.diagnostics = nil
      if let known = keys.firstIndex(of: key) { return known }
      keys.append(key)
      return keys.count - 1
    }
    self.numbers = numbers
    names = keys.indices.map { group in
      let members = zip(runs, numbers).filter { $0.1 == group }.map(\.0.name)
      guard members.count > 1 else { return members[0] }
      let common = members.dropFirst().reduce(members[0]) { $0.commonPrefix(with: $1) }
      let folder = common.lastIndex(of: "/").map { String(common[..<$0]) } ?? ""
      return folder.isEmpty ? "\(members[0]) and \(members.count - 1) more" : folder
    }
  }

  /// The runs of each group.
  func members(of runs: [SavedRun]) -> [[SavedRun]] {
    names.indices.map { group in zip(runs, numbers).filter { $0.1 == group }.map(\.0) }
  }
}
