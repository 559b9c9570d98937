/// Lanes of a vector that are stepped with one set of coefficients: neighbouring blocks of one group.
struct Segment: Sendable {
  let lanes: Range<Int>
  /// Index into the step's coefficients.
  let group: Int
}

/// Which rule steps which blocks of a layout: 0 is the optimizer's rule, 1, 2, … are the groups'.
struct RuleAssignment: Sendable {
  /// For each block its rule; nil if it is frozen.
  let blocks: [Int?]
  /// The same as ranges of lanes; frozen ones are left out.
  let segments: [Segment]

  /// - Parameter laneWidth: Elements in a lane.
  init<Rule>(of groups: [ParameterGroup<Rule>], to layout: ParameterLayout, laneWidth: Int) {
    blocks = layout.blocks.map { block in
      guard let group = groups.lastIndex(where: { $0.contains(block.name) }) else { return 0 }
      return groups[group].isFrozen ? nil : group + 1
    }
    var segments: [Segment] = []
    for (i, group) in blocks.enumerated() {
      guard let group else { continue }
      let lanes = layout.lanes(ofBlock: i, width: laneWidth)
      if let last = segments.last, last.group == group, last.lanes.upperBound == lanes.lowerBound {
        segments[segments.count - 1] = Segment(lanes: last.lanes.lowerBound..<lanes.upperBound, group: group)
      } else {
        segments.append(Segment(lanes: lanes, group: group))
      }
    }
    self.segments = segments
  }
}
