/// A state whose slots are lanes in records, one record for each lane of θ, in one buffer: m₀…m₁₅ v₀…v₁₅ m₁₆ …
public protocol RecordStorage<Scalar>: StateStorage {
  /// The first record.
  var lanes: UnsafeMutablePointer<Scalar.Lane> { get }
  /// Records.
  var laneCount: Int { get }
  /// Lanes of a record.
  var slotCount: Int { get }
}

extension RecordStorage {
  public var byteCount: Int { laneCount * slotCount * MemoryLayout<Scalar.Lane>.stride }

  public func vector(slot: Int, layout: ParameterLayout) -> ParameterVector<Scalar> {
    let (lanes, slotCount, laneCount) = (lanes, slotCount, laneCount)
    var vector = ParameterVector<Scalar>(zeros: layout)
    vector.withUnsafeMutableLanes { destination in
      for i in 0..<laneCount { destination[i] = lanes[i * slotCount + slot] }
    }
    return vector
  }

  public func assign(_ vector: ParameterVector<Scalar>, slot: Int) {
    let (lanes, slotCount, laneCount) = (lanes, slotCount, laneCount)
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
