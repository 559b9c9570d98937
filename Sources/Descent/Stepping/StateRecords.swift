/// The state records of all lanes of a vector, with the rule's own type of a record.
public final class StateRecords<Scalar: RuleScalar, State: BitwiseCopyable>: RecordStorage, @unchecked Sendable {
  @usableFromInline let records: UnsafeMutablePointer<State>
  public let laneCount: Int

  /// Uninitialized records.
  @usableFromInline
  init(laneCount: Int) {
    self.laneCount = laneCount
    let raw = allocateLanes(byteCount: laneCount * MemoryLayout<State>.size)
    records = raw.bindMemory(to: State.self, capacity: laneCount)
  }

  deinit { UnsafeMutableRawPointer(records).deallocate() }

  public func copy() -> Self {
    let copy = Self(laneCount: laneCount)
    UnsafeMutableRawPointer(copy.records).copyMemory(from: records, byteCount: byteCount)
    return copy
  }

  public var lanes: UnsafeMutablePointer<Scalar.Lane> {
    UnsafeMutableRawPointer(records).assumingMemoryBound(to: Scalar.Lane.self)
  }

  public var slotCount: Int { MemoryLayout<State>.size / MemoryLayout<Scalar.Lane>.stride }
}
