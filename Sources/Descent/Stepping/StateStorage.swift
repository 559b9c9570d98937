/// The state records of all lanes of a vector, in one aligned buffer: m₀…m₁₅ v₀…v₁₅ m₁₆ …
@usableFromInline
final class StateStorage<Rule: UpdateRule>: @unchecked Sendable {
  @usableFromInline let records: UnsafeMutablePointer<Rule.State>
  @usableFromInline let laneCount: Int

  /// Uninitialized records.
  @usableFromInline
  init(laneCount: Int) {
    self.laneCount = laneCount
    let raw = allocateLanes(byteCount: laneCount * MemoryLayout<Rule.State>.size)
    records = raw.bindMemory(to: Rule.State.self, capacity: laneCount)
  }

  @usableFromInline
  init(copying other: StateStorage) {
    laneCount = other.laneCount
    let byteCount = laneCount * MemoryLayout<Rule.State>.size
    let raw = allocateLanes(byteCount: byteCount)
    raw.copyMemory(from: other.records, byteCount: byteCount)
    records = raw.bindMemory(to: Rule.State.self, capacity: laneCount)
  }

  deinit { UnsafeMutableRawPointer(records).deallocate() }

  /// The state that `rule` starts from at `θ`, for the lanes of `range`.
  @inlinable
  func initialize(_ range: Range<Int>, for rule: Rule, at θ: UnsafePointer<Rule.Lane>) {
    guard MemoryLayout<Rule.State>.size > 0 else { return }
    for i in range { records[i] = rule.initialState(for: θ[i]) }
  }

  /// Slot number `slot` of the lanes, as a vector of `layout`.
  func vector(slot: Int, of slotCount: Int, layout: ParameterLayout) -> ParameterVector<Rule.Scalar> {
    let lanes = UnsafeRawPointer(records).assumingMemoryBound(to: Rule.Lane.self)
    var vector = ParameterVector<Rule.Scalar>(zeros: layout)
    vector.withUnsafeMutableLanes { destination in
      for i in 0..<laneCount { destination[i] = lanes[i * slotCount + slot] }
    }
    return vector
  }

  /// Replaces slot number `slot` of the lanes.
  func assign(_ vector: ParameterVector<Rule.Scalar>, slot: Int, of slotCount: Int) {
    let lanes = UnsafeMutableRawPointer(records).assumingMemoryBound(to: Rule.Lane.self)
    vector.withUnsafeLanes { source in
      for i in 0..<laneCount { lanes[i * slotCount + slot] = source[i] }
    }
  }
}
