/// The state records of all lanes of a vector, in one aligned buffer: m₀…m₁₅ v₀…v₁₅ m₁₆ …
public final class StateRecords<Scalar: LaneScalar, State: BitwiseCopyable>: StateStorage, @unchecked Sendable {
  @usableFromInline let records: UnsafeMutablePointer<State>
  @usableFromInline let laneCount: Int

  /// Uninitialized records.
  @usableFromInline
  init(laneCount: Int) {
    self.laneCount = laneCount
    let raw = allocateLanes(byteCount: laneCount * MemoryLayout<State>.size)
    records = raw.bindMemory(to: State.self, capacity: laneCount)
  }

  public func copy() -> Self {
    let copy = Self(laneCount: laneCount)
    UnsafeMutableRawPointer(copy.records).copyMemory(from: records, byteCount: byteCount)
    return copy
  }

  public var byteCount: Int { laneCount * MemoryLayout<State>.size }

  deinit { UnsafeMutableRawPointer(records).deallocate() }

  private var slotCount: Int { MemoryLayout<State>.size / MemoryLayout<Scalar.Lane>.stride }

  public func vector(slot: Int, layout: ParameterLayout) -> ParameterVector<Scalar> {
    let slotCount = slotCount
    let lanes = UnsafeRawPointer(records).assumingMemoryBound(to: Scalar.Lane.self)
    var vector = ParameterVector<Scalar>(zeros: layout)
    vector.withUnsafeMutableLanes { destination in
      for i in 0..<laneCount { destination[i] = lanes[i * slotCount + slot] }
    }
    return vector
  }

  public func assign(_ vector: ParameterVector<Scalar>, slot: Int) {
    let slotCount = slotCount
    let lanes = UnsafeMutableRawPointer(records).assumingMemoryBound(to: Scalar.Lane.self)
    vector.withUnsafeLanes { source in
      for i in 0..<laneCount { lanes[i * slotCount + slot] = source[i] }
    }
  }

  public func names(of slots: [String]) -> [String] { slots }

  public func save(_ slots: [String], layout: ParameterLayout) -> SavedState<Scalar> {
    var saved = SavedState<Scalar>()
    for (i, name) in slots.enumerated() { saved.vectors[name] = vector(slot: i, layout: layout) }
    return saved
  }

  public func restore(
    _ saved: SavedState<Scalar>, _ slots: [String], layout: ParameterLayout
  ) throws(CheckpointError) {
    for (i, name) in slots.enumerated() {
      guard let vector = saved.vectors[name] else { throw .missingState(name) }
      assign(try vector.rearranged(to: layout), slot: i)
    }
  }
}
