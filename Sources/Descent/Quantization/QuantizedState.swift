import CLanes

/// The state of a quantized rule. Each block of 64 elements has the codes of its rounded slots, their offsets, and the
/// lanes of its exact slots.
public final class QuantizedState<Base: ElementRule<Float>, Format: StateFormat>: StateStorage, @unchecked Sendable {
  @usableFromInline let blockCount: Int
  @usableFromInline let codes: UnsafeMutablePointer<CodeLane>
  @usableFromInline let offsets: UnsafeMutablePointer<Int16>
  @usableFromInline let exact: UnsafeMutablePointer<Float.Lane>

  @inlinable static var codeLanes: Int { Base.slotKinds.roundedCount * Format.lanesPerBlock }
  @inlinable static var offsetCount: Int { Format.hasOffsets ? Base.slotKinds.roundedCount : 0 }
  @inlinable static var exactLanes: Int { Base.slotKinds.exactCount * 4 }

  /// Zeros: the codes of zeros.
  @usableFromInline
  init(blockCount: Int) {
    self.blockCount = blockCount
    codes = Self.zeros(blockCount * Self.codeLanes)
    offsets = Self.zeros(blockCount * Self.offsetCount)
    exact = Self.zeros(blockCount * Self.exactLanes)
  }

  /// The initial state of `rule` at `θ`, rounded to the nearest codes.
  @inlinable
  convenience init(initial rule: Base, at θ: ParameterVector<Float>) {
    self.init(blockCount: θ.laneCount / 4)
    guard Base.slotKinds.count > 0 else { return }
    θ.withUnsafeLanes { θ in
      var records = FourLanes(Base.zeroState)
      for block in 0..<blockCount {
        records.a = rule.initialState(for: θ[4 * block])
        records.b = rule.initialState(for: θ[4 * block + 1])
        records.c = rule.initialState(for: θ[4 * block + 2])
        records.d = rule.initialState(for: θ[4 * block + 3])
        for slot in 0..<Base.slotKinds.count { encodeNearest(block: block, slot: slot, from: &records) }
      }
    }
  }

  deinit {
    UnsafeMutableRawPointer(codes).deallocate()
    UnsafeMutableRawPointer(offsets).deallocate()
    UnsafeMutableRawPointer(exact).deallocate()
  }

  private static func zeros<T: BitwiseCopyable>(_ count: Int) -> UnsafeMutablePointer<T> {
    let raw = allocateLanes(byteCount: count * MemoryLayout<T>.stride)
    raw.initializeMemory(as: UInt8.self, repeating: 0, count: count * MemoryLayout<T>.stride)
    return raw.bindMemory(to: T.self, capacity: count)
  }

  public func copy() -> Self {
    let copy = Self(blockCount: blockCount)
    copy.codes.update(from: codes, count: blockCount * Self.codeLanes)
    copy.offsets.update(from: offsets, count: blockCount * Self.offsetCount)
    copy.exact.update(from: exact, count: blockCount * Self.exactLanes)
    return copy
  }

  public var byteCount: Int {
    blockCount
      * (Self.codeLanes * MemoryLayout<CodeLane>.size + Self.offsetCount * 2
        + Self.exactLanes * MemoryLayout<Float.Lane>.size)
  }

  // MARK: One slot of one block, decoded in four records

  @inlinable @inline(__always)
  func codes(block: Int, slot: Int) -> UnsafeMutablePointer<CodeLane> {
    codes + (block * Self.codeLanes + Base.slotKinds.place(of: slot) * Format.lanesPerBlock)
  }

  @inlinable @inline(__always)
  func offset(block: Int, slot: Int) -> UnsafeMutablePointer<Int16> {
    offsets + (block * Self.offsetCount + Base.slotKinds.place(of: slot))
  }

  @inlinable @inline(__always)
  func exact(block: Int, slot: Int) -> UnsafeMutablePointer<Float.Lane> {
    exact + (block * Self.exactLanes + Base.slotKinds.place(of: slot) * 4)
  }

  @inlinable @inline(__always)
  func decode(block: Int, slot: Int, into records: inout FourLanes<Base.State>) {
    let kinds = Base.slotKinds
    withUnsafeMutablePointer(to: &records) { records in
      let x = UnsafeMutableRawPointer(records) + slot * MemoryLayout<Float.Lane>.size
      if kinds.isExact(slot) {
        let source = exact(block: block, slot: slot)
        for k in 0..<4 {
          x.storeBytes(of: source[k], toByteOffset: k * MemoryLayout<Base.State>.size, as: Float.Lane.self)
        }
      } else {
        Format.decode(
          codes(block: block, slot: slot), offset: Format.hasOffsets ? offset(block: block, slot: slot).pointee : 0,
          into: x, stride: kinds.count, nonNegative: kinds.isNonNegative(slot))
      }
    }
  }

  @inlinable @inline(__always)
  func encode(
    block: Int, slot: Int, from records: inout FourLanes<Base.State>, rounding r: inout FourLanes<CodeLane>
  ) {
    let kinds = Base.slotKinds
    withUnsafeMutablePointer(to: &records) { records in
      let x = UnsafeMutableRawPointer(records) + slot * MemoryLayout<Float.Lane>.size
      if kinds.isExact(slot) {
        let destination = exact(block: block, slot: slot)
        for k in 0..<4 {
          destination[k] = x.loadUnaligned(fromByteOffset: k * MemoryLayout<Base.State>.size, as: Float.Lane.self)
        }
      } else {
        let offset = Format.encode(
          x, stride: kinds.count, nonNegative: kinds.isNonNegative(slot), rounding: &r,
          into: codes(block: block, slot: slot))
        if Format.hasOffsets { self.offset(block: block, slot: slot).pointee = offset }
      }
    }
  }

  /// Encodes with random bits made from the block's `seeds`.
  @inlinable @inline(__always)
  func encode(
    block: Int, slot: Int, from records: inout FourLanes<Base.State>, rounding r: inout FourLanes<CodeLane>,
    seeds: CodeLane
  ) {
    lanes_random_bits(seeds, UInt32(truncatingIfNeeded: slot), UInt32(Format.roundingBits), &r)
    encode(block: block, slot: slot, from: &records, rounding: &r)
  }

  @usableFromInline
  func encodeNearest(block: Int, slot: Int, from records: inout FourLanes<Base.State>) {
    var r = FourLanes(CodeLane(repeating: 1 << UInt32(Format.roundingBits - 1)))
    encode(block: block, slot: slot, from: &records, rounding: &r)
  }

  // MARK: Whole slots

  /// The lane of `slot` in record `k`.
  private func lane(_ k: Int, _ slot: Int) -> Int {
    k * MemoryLayout<Base.State>.size + slot * MemoryLayout<Float.Lane>.size
  }

  public func vector(slot: Int, layout: ParameterLayout) -> ParameterVector<Float> {
    var vector = ParameterVector<Float>(zeros: layout)
    var records = FourLanes(Base.zeroState)
    vector.withUnsafeMutableLanes { destination in
      for block in 0..<blockCount {
        decode(block: block, slot: slot, into: &records)
        withUnsafeBytes(of: &records) {
          for k in 0..<4 {
            destination[4 * block + k] = $0.loadUnaligned(fromByteOffset: lane(k, slot), as: Float.Lane.self)
          }
        }
      }
    }
    return vector
  }

  public func assign(_ vector: ParameterVector<Float>, slot: Int) {
    var records = FourLanes(Base.zeroState)
    vector.withUnsafeLanes { source in
      for block in 0..<blockCount {
        withUnsafeMutableBytes(of: &records) {
          for k in 0..<4 {
            $0.storeBytes(of: source[4 * block + k], toByteOffset: lane(k, slot), as: Float.Lane.self)
          }
        }
        encodeNearest(block: block, slot: slot, from: &records)
      }
    }
  }
}
