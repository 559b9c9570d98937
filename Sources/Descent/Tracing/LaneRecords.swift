/// The state records of all lanes of a vector, of a rule that is known only while the program runs.
public final class LaneRecords<Scalar: LaneScalar>: RecordStorage, @unchecked Sendable {
  public let lanes: UnsafeMutablePointer<Scalar.Lane>
  public let laneCount: Int
  public let slotCount: Int

  /// Uninitialized records.
  init(laneCount: Int, slotCount: Int) {
    self.laneCount = laneCount
    self.slotCount = slotCount
    let raw = allocateLanes(byteCount: laneCount * slotCount * MemoryLayout<Scalar.Lane>.stride)
    lanes = raw.bindMemory(to: Scalar.Lane.self, capacity: laneCount * slotCount)
  }

  deinit { UnsafeMutableRawPointer(lanes).deallocate() }

  public func copy() -> Self {
    let copy = Self(laneCount: laneCount, slotCount: slotCount)
    UnsafeMutableRawPointer(copy.lanes).copyMemory(from: lanes, byteCount: byteCount)
    return copy
  }
}
