import CLanes

/// A rule whose state is stored in 8 or 16 bits for each number. One pass of a step decodes, updates and encodes it (8
/// bits: Dettmers, Lewis, Shleifer & Zettlemoyer 2022, with other codes).
///
///     var optimizer = try Optimizer(Adam().decayed(by: 0.01).quantized(.block8), for: θ)
///
/// A step of Adam moves 16 bytes for a parameter with ``Block8``, 20 with ``BFloat16`` and 28 with `Float`. It
/// computes in `Float` with the rule's own equations. Only what is kept for the next step is rounded. Slots that must
/// not be rounded, such as an average of the parameters, stay in `Float` (``ElementRule/slotKinds``).
///
/// Rounding is random, without bias. Its bits depend on the seed, t, the slot and the element alone: they are the same
/// for every number of threads, and for a run that is resumed.
public struct Quantized<Base: ElementRule<Float>, Format: StateFormat>: PassRule, WrappingRule {
  public typealias Scalar = Float
  public typealias Storage = QuantizedState<Base, Format>

  public var base: Base
  /// Chooses the random bits of the rounding.
  public var seed: UInt64

  @frozen public struct Coefficients: Sendable {
    @usableFromInline var base: Base.Coefficients
    /// Random words of step t: one for each element of a lane, and one to which a block's number is added.
    @usableFromInline var key: CodeLane
    @usableFromInline var blockKey: UInt64
  }

  public func coefficients(at t: Int) -> Coefficients {
    var stream = RandomStream(seed: seed, name: "state rounding").substream(UInt64(t))
    let blockKey = stream.next()
    var key = CodeLane.zero
    withUnsafeMutablePointer(to: &key) { key in
      key.withMemoryRebound(to: UInt32.self, capacity: 16) {
        stream.fillWords(UnsafeMutableBufferPointer(start: $0, count: 16))
      }
    }
    return Coefficients(base: base.coefficients(at: t), key: key, blockKey: blockKey)
  }

  public static var slots: [String] { Base.slots }

  /// Bytes of state for each parameter.
  public static var stateBytesPerParameter: Double {
    let kinds = Base.slotKinds
    return Double(kinds.roundedCount) * (Double(Format.bits) / 8 + (Format.hasOffsets ? 2.0 / 64 : 0))
      + Double(kinds.exactCount) * 4
  }

  public func validate() throws(RuleError) {
    try base.validate()
    let (kinds, count) = (Base.slotKinds, Base.slots.count)
    let reason: String? =
      if count == 0 {
        "it has no state"
      } else if kinds.count != count {
        "it does not say what its slots hold: give the rule a slotKinds"
      } else if kinds.roundedCount == 0 {
        "all of its state must be exact, as its parameters are computed from it"
      } else {
        nil
      }
    if let reason { throw .cannotQuantize(rule: Self.name, reason: reason) }
    try Base.checkState()
  }

  public static func checkState() throws(RuleError) { try Base.checkState() }

  @inlinable
  public func initialStorage(for θ: ParameterVector<Float>) -> Storage {
    Storage(initial: base, at: θ)
  }

  @inlinable
  public func update(
    lanes: Range<Int>, parameters θ: UnsafeMutablePointer<Lane>, gradient g: UnsafePointer<Lane>,
    gradientScale: Float, state: Storage, _ c: Coefficients
  ) {
    // Variables, not allocated memory: the compiler then keeps the lanes in registers.
    var records = FourLanes(Base.zeroState)
    var r = FourLanes(CodeLane.zero)
    for block in lanes.lowerBound / 4..<lanes.upperBound / 4 {
      // Written out: the compiler knows the number of slots, but would not unroll so large a loop.
      let count = Base.slotKinds.count
      if count > 0 { state.decode(block: block, slot: 0, into: &records) }
      if count > 1 { state.decode(block: block, slot: 1, into: &records) }
      if count > 2 { state.decode(block: block, slot: 2, into: &records) }
      if count > 3 { state.decode(block: block, slot: 3, into: &records) }
      if count > 4 { for slot in 4..<count { state.decode(block: block, slot: slot, into: &records) } }
      let i = 4 * block
      base.step(&θ[i], gradient: gradientScale * g[i], state: &records.a, c.base)
      base.step(&θ[i + 1], gradient: gradientScale * g[i + 1], state: &records.b, c.base)
      base.step(&θ[i + 2], gradient: gradientScale * g[i + 2], state: &records.c, c.base)
      base.step(&θ[i + 3], gradient: gradientScale * g[i + 3], state: &records.d, c.base)
      let seeds = lanes_random_seeds(c.key, Self.word(of: block, key: c.blockKey))
      if count > 0 { state.encode(block: block, slot: 0, from: &records, rounding: &r, seeds: seeds) }
      if count > 1 { state.encode(block: block, slot: 1, from: &records, rounding: &r, seeds: seeds) }
      if count > 2 { state.encode(block: block, slot: 2, from: &records, rounding: &r, seeds: seeds) }
      if count > 3 { state.encode(block: block, slot: 3, from: &records, rounding: &r, seeds: seeds) }
      if count > 4 {
        for slot in 4..<count { state.encode(block: block, slot: slot, from: &records, rounding: &r, seeds: seeds) }
      }
    }
  }

  /// A random word for a block.
  @inlinable @inline(__always)
  static func word(of block: Int, key: UInt64) -> UInt32 {
    var x = (UInt64(truncatingIfNeeded: block) &+ key) &* 0x9E37_79B9_7F4A_7C15
    x = (x ^ (x >> 32)) &* 0xD6E8_FEB8_6659_FD93
    return UInt32(truncatingIfNeeded: x >> 32)
  }
}

/// A value for each of the four lanes of a block, one after the other in memory.
@frozen @usableFromInline
struct FourLanes<Value: BitwiseCopyable>: BitwiseCopyable {
  @usableFromInline var a, b, c, d: Value

  @inlinable
  init(_ value: Value) { (a, b, c, d) = (value, value, value, value) }
}

extension Quantized: AveragingRule where Base: AveragingRule {
  public static var averageSlot: String { Base.averageSlot }
}

extension ElementRule where Scalar == Float {
  /// This rule with its state stored in 8 or 16 bits for each number. It must be the outermost rule of a composition.
  ///
  /// - Parameters:
  ///   - format: `.block8` (1.03 bytes for each number of the state) or `.bfloat16` (2).
  ///   - seed: Chooses the random bits of the rounding.
  public func quantized<Format: StateFormat>(_ format: Format, seed: UInt64 = 0) -> Quantized<Self, Format> {
    Quantized(base: self, seed: seed)
  }
}
