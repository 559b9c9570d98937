/// A zeroed, 64-byte aligned buffer of lanes, freed with its last owner.
@usableFromInline
final class LaneStorage<Scalar: RuleScalar>: @unchecked Sendable {
  @usableFromInline let lanes: UnsafeMutablePointer<Scalar.Lane>
  @usableFromInline let laneCount: Int

  @usableFromInline
  init(laneCount: Int) {
    self.laneCount = laneCount
    let raw = allocateLanes(byteCount: laneCount * MemoryLayout<Scalar.Lane>.stride)
    lanes = raw.bindMemory(to: Scalar.Lane.self, capacity: laneCount)
    zero()
  }

  @usableFromInline
  init(copying other: LaneStorage) {
    laneCount = other.laneCount
    let byteCount = laneCount * MemoryLayout<Scalar.Lane>.stride
    let raw = allocateLanes(byteCount: byteCount)
    raw.copyMemory(from: other.lanes, byteCount: byteCount)
    lanes = raw.bindMemory(to: Scalar.Lane.self, capacity: laneCount)
  }

  deinit { UnsafeMutableRawPointer(lanes).deallocate() }

  /// The same memory, element by element.
  @inlinable var elements: UnsafeMutablePointer<Scalar> {
    UnsafeMutableRawPointer(lanes).assumingMemoryBound(to: Scalar.self)
  }

  func zero() {
    UnsafeMutableRawPointer(lanes).initializeMemory(
      as: UInt8.self, repeating: 0, count: laneCount * MemoryLayout<Scalar.Lane>.stride)
  }
}
