/// Runs in groups: those that differ only in their seed belong together.
struct RunGroups {
  /// The group of each run.
  let numbers: [Int]
  /// The groups' names: the folder that contains the group's runs, or the run's own name if it is the only one.
  let names: [String]

  init(_ runs: [SavedRun]) {
    var groups: [RunConfiguration: Int] = [:]
    let numbers = runs.map { run in
      var key = run.configuration
      key.seed = 0
      // Settings that change no result, or only its last bits.
      key.dataFolder = nil
      key.threads = 0
      key.diagnostics = nil
      let group = groups[key] ?? groups.count
      groups[key] = group
      return group
    }
    self.numbers = numbers
    names = Self.members(of: runs, numbers, count: groups.count).map { members in
      let members = members.map(\.name)
      guard members.count > 1 else { return members[0] }
      let common = members.dropFirst().reduce(members[0]) { $0.commonPrefix(with: $1) }
      let folder = common.lastIndex(of: "/").map { String(common[..<$0]) } ?? ""
      return folder.isEmpty ? "\(members[0]) and \(members.count - 1) more" : folder
    }
  }

  /// The runs of each group.
  func members(of runs: [SavedRun]) -> [[SavedRun]] { Self.members(of: runs, numbers, count: names.count) }

  private static func members(of runs: [SavedRun], _ numbers: [Int], count: Int) -> [[SavedRun]] {
    var members = Array(repeating: [SavedRun](), count: count)
    for (run, group) in zip(runs, numbers) { members[group].append(run) }
    return members
  }
}
