/// An element-wise method: its state for one element, the scalars of step t, and the update of one SIMD lane.
///
/// The update reads like the paper's equations. The generic driver runs it over a whole ``ParameterVector`` in one
/// pass; Swift specializes the pass for each rule and each composition of rules, in any module.
///
/// ```swift
/// struct Momentum<Scalar: RuleScalar>: ElementRule {
///   var learningRate: Schedule = 0.1
///   var momentum = 0.9
///   struct State: BitwiseCopyable { var u: Scalar.Lane }
///   struct Coefficients { var α, μ: Scalar }
///   func coefficients(at t: Int) -> Coefficients {
///     Coefficients(α: Scalar(learningRate(at: t)), μ: Scalar(momentum))
///   }
///   @inline(__always)
///   func update(_ θ: inout Lane, gradient g: Lane, state s: inout State, _ c: Coefficients) {
///     s.u = c.μ * s.u + c.α * g
///     θ -= s.u
///   }
/// }
/// ```
///
/// Only + − × ÷ √, comparisons and selections should be used on lanes: IEEE 754 rounds them exactly, so the same bits
/// come out on every machine, thread count and position in the vector.
///
/// `@inline(__always)` keeps the lanes in registers: without it a rule in cache takes twice as long. Keep a rule's
/// concrete type where it is used: behind `any ElementRule` the pass is not specialized and is a hundred times slower.
public protocol ElementRule<Scalar>: PassRule where Storage == StateRecords<Scalar, State> {

  /// What the rule remembers of an element: only `Lane` properties, one for each slot. A record of it is stored for
  /// every lane of θ.
  associatedtype State: BitwiseCopyable

  /// One step for one lane. Must map θ = 0, g = 0 to θ = 0 in every state that zero gradients lead to: the padding
  /// must stay zero.
  ///
  /// g is finite, or NaN if the gradient was infinite. θ may become infinite: the largest number is then stored.
  func update(_ θ: inout Lane, gradient g: Lane, state: inout State, _ c: Coefficients)

  /// The first half of a step, for a rule that says something else than its gradient to others (``message``): the state
  /// learns the own gradient. Returns what is said.
  func message(at θ: Lane, gradient g: Lane, state: inout State, _ c: Coefficients) -> Lane

  /// The second half: θ moves by the answer. With the own message as the answer it must be what ``update`` does.
  func apply(_ answer: Lane, to θ: inout Lane, state: inout State, _ c: Coefficients)

  /// The state before step 1 of a lane that holds `θ`. Zero unless the rule says otherwise.
  func initialState(for θ: Lane) -> State

  /// What kind of numbers each slot holds. A rule that does not declare this cannot be ``quantized(_:seed:)``.
  static var slotKinds: SlotKinds { get }
}

extension ElementRule {
  @inlinable @inline(__always)
  public func message(at θ: Lane, gradient g: Lane, state: inout State, _ c: Coefficients) -> Lane { g }

  @inlinable @inline(__always)
  public func apply(_ answer: Lane, to θ: inout Lane, state: inout State, _ c: Coefficients) {
    update(&θ, gradient: answer, state: &state, c)
  }

  @inlinable
  public func initialState(for θ: Lane) -> State { Self.zeroState }

  public static var slots: [String] {
    guard MemoryLayout<State>.size > 0 else { return [] }
    return Mirror(reflecting: zeroState).children.filter { $0.value is Lane }.map { "\(name)/\($0.label ?? "")" }
  }

  @inlinable public static var slotKinds: SlotKinds { .none }

  /// Refuses a `State` that has anything but the lanes that `slots` names.
  public static func checkState() throws(RuleError) {
    guard slots.count * MemoryLayout<Lane>.stride == MemoryLayout<State>.size else {
      throw .invalidState(rule: name)
    }
  }

  @inlinable
  public func initialStorage(for θ: ParameterVector<Scalar>) -> StateRecords<Scalar, State> {
    let storage = StateRecords<Scalar, State>(laneCount: θ.laneCount)
    guard MemoryLayout<State>.size > 0 else { return storage }
    θ.withUnsafeLanes { θ in
      for i in 0..<storage.laneCount { storage.records[i] = initialState(for: θ[i]) }
    }
    return storage
  }

  // The rule's own loop. Nothing in it depends on where it starts, so a lane's bits do not depend on the split.
  @inlinable
  public func update(
    lanes: Range<Int>, parameters θ: UnsafeMutablePointer<Lane>, gradient g: UnsafePointer<Lane>,
    gradientScale: Scalar, state: StateRecords<Scalar, State>, _ c: Coefficients
  ) {
    let records = state.records
    for i in lanes { step(&θ[i], gradient: gradientScale * g[i], state: &records[i], c) }
  }

  /// The update of a lane in memory. A finite gradient never makes θ infinite or NaN: a step beyond the largest number
  /// ends at it. A gradient that is not finite reaches the rule as NaN, so that no limit of the rule hides it.
  @inlinable @inline(__always)
  func step(_ θ: inout Lane, gradient g: Lane, state: inout State, _ c: Coefficients) {
    var x = θ
    update(&x, gradient: g.infinityAsNaN, state: &state, c)
    θ = x.finite
  }

  /// Bytes of state for each parameter.
  public static var stateBytesPerParameter: Int {
    MemoryLayout<State>.size / Scalar.laneWidth
  }

  /// A state in which every slot is zero.
  @inlinable
  static var zeroState: State {
    withUnsafeTemporaryAllocation(
      byteCount: max(1, MemoryLayout<State>.size), alignment: MemoryLayout<State>.alignment
    ) { bytes in
      bytes.initializeMemory(as: UInt8.self, repeating: 0)
      return bytes.loadUnaligned(as: State.self)
    }
  }
}
