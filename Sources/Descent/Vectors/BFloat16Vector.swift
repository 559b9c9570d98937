import CLanes

/// Parameters rounded to bfloat16, for models that compute in it; the master copy is a ``ParameterVector`` of `Float`.
///
/// ``Optimizer/step(_:gradient:rounded:)`` keeps it up to date. A value type: copies share their storage until one of
/// them is written to.
public struct BFloat16Vector: Sendable {
  public let layout: ParameterLayout
  private var storage: Storage

  private final class Storage: @unchecked Sendable {
    let words: UnsafeMutablePointer<UInt16>
    let count: Int

    init(count: Int) {
      self.count = count
      words = allocateLanes(byteCount: 2 * count).bindMemory(to: UInt16.self, capacity: count)
    }

    deinit { UnsafeMutableRawPointer(words).deallocate() }
  }

  /// `θ` rounded to the nearest, ties to even; NaN stays NaN.
  public init(rounding θ: ParameterVector<Float>) {
    layout = θ.layout
    storage = Storage(count: layout.paddedCount)
    θ.withUnsafeElements { lanes_round_bfloat16($0.baseAddress, storage.words, storage.count) }
  }

  /// Calls `body` with the words of all elements, padding included: the layout's offsets are positions in it.
  public func withUnsafeWords<R, E: Error>(_ body: (UnsafeBufferPointer<UInt16>) throws(E) -> R) throws(E) -> R {
    try body(UnsafeBufferPointer(start: storage.words, count: storage.count))
  }

  /// The words, for writing as long as the vector lives and is not copied.
  mutating func mutableWords() -> UnsafeMutablePointer<UInt16> {
    if !isKnownUniquelyReferenced(&storage) {
      let copy = Storage(count: storage.count)
      copy.words.update(from: storage.words, count: storage.count)
      storage = copy
    }
    return storage.words
  }

  /// The values of the block called `name`, row-major.
  /// - Throws: ``LayoutError/unknown(_:)``.
  public func values(of name: String) throws(LayoutError) -> [Float] {
    let block = try layout.block(named: name)
    return withUnsafeWords { $0[block.elements].map { Float(bitPattern: UInt32($0) << 16) } }
  }
}

extension Optimizer where Rule.Scalar == Float {
  /// Does ``step(_:gradient:)`` and sets `rounded` to θ in bfloat16, rounded while θ is in cache.
  ///
  /// θ gets the same bits as without `rounded`: a step that is small beside a parameter is not lost.
  ///
  /// - Parameters:
  ///   - θ: The parameters; changed in place if nothing else refers to their storage.
  ///   - gradient: The gradient, usually at `rounded`.
  ///   - rounded: θ of the step before, rounded; at first `BFloat16Vector(rounding: θ)`. Frozen parameters stay as
  ///     they are.
  /// - Throws: As ``step(_:gradient:)`` does; `rounded` is then unchanged.
  @discardableResult
  public mutating func step(
    _ θ: inout ParameterVector<Float>, gradient: ParameterVector<Float>, rounded: inout BFloat16Vector
  ) throws -> StepReport {
    try check(rounded.layout)
    nonisolated(unsafe) let words = rounded.mutableWords()
    try check(gradient.layout)
    return try step(&θ, on: GivenGradient(gradient)) { θ, lanes in
      let first = lanes.lowerBound * Float.laneWidth
      lanes_round_bfloat16(
        UnsafeRawPointer(θ).assumingMemoryBound(to: Float.self) + first, words + first, lanes.count * Float.laneWidth)
    }
  }
}
