/// A rule that keeps a vector like θ beside the base's state: what it remembers of the iterates, element by element.
public protocol RememberingRule: ComposedRule {
  /// What happens to one lane after the base's step. θ is finite or NaN. Before step 1 the memory is θ₀. Must map zeros
  /// to zeros: the padding must stay zero.
  static func finish(_ θ: inout Lane, memory: inout Lane, _ factors: Factors)

  /// The name of the slot that holds the memory.
  static var memorySlot: String { get }
}

/// The state of a rule with a memory beside it.
@frozen
public struct StateWithMemory<Base, Memory> {
  public var base: Base
  public var memory: Memory

  @inlinable
  public init(base: Base, memory: Memory) {
    self.base = base
    self.memory = memory
  }
}

extension StateWithMemory: Sendable where Base: Sendable, Memory: Sendable {}
extension StateWithMemory: BitwiseCopyable where Base: BitwiseCopyable, Memory: BitwiseCopyable {}

// The base decides what a step sees.

extension RememberingRule where Self: ElementRule, Base: ElementRule {
  public static var slots: [String] { Base.slots + [memorySlot] }
  @inlinable public static var slotKinds: SlotKinds { Base.slotKinds + .exact }

  @inlinable
  public func initialState(for θ: Lane) -> StateWithMemory<Base.State, Base.Scalar.Lane> {
    StateWithMemory(base: base.initialState(for: θ), memory: θ)
  }

  @inlinable @inline(__always)
  public func update(
    _ θ: inout Lane, gradient g: Lane, state s: inout StateWithMemory<Base.State, Base.Scalar.Lane>,
    _ c: ComposedCoefficients<Base.Coefficients, Factors>
  ) {
    base.update(&θ, gradient: g, state: &s.base, c.base)
    θ = θ.finite
    Self.finish(&θ, memory: &s.memory, c.own)
  }

  @inlinable @inline(__always)
  public func message(
    at θ: Lane, gradient g: Lane, state s: inout StateWithMemory<Base.State, Base.Scalar.Lane>,
    _ c: ComposedCoefficients<Base.Coefficients, Factors>
  ) -> Lane {
    base.message(at: θ, gradient: g, state: &s.base, c.base)
  }

  @inlinable @inline(__always)
  public func apply(
    _ answer: Lane, to θ: inout Lane, state s: inout StateWithMemory<Base.State, Base.Scalar.Lane>,
    _ c: ComposedCoefficients<Base.Coefficients, Factors>
  ) {
    base.apply(answer, to: &θ, state: &s.base, c.base)
    θ = θ.finite
    Self.finish(&θ, memory: &s.memory, c.own)
  }
}

extension RememberingRule where Self: TensorRule, Base: TensorRule {
  public static var fields: [StateField<StateWithMemory<Base.State, LaneArray<Scalar>>, Scalar>] {
    Base.fields.map { $0.lifted(through: \.base) } + [.memory(memorySlot, \.memory)]
  }

  public func stateByteCount(of shape: [Int], axes: [AxisRole]) -> Double {
    base.stateByteCount(of: shape, axes: axes)
      + shape.reduce(Double(MemoryLayout<Scalar>.size)) { $0 * Double($1) }
  }

  @inlinable
  public func initialState(for θ: TensorView<Scalar>) -> StateWithMemory<Base.State, LaneArray<Scalar>> {
    var memory = LaneArray<Scalar>(zeros: θ.shape)
    memory.mutableLanes().update(from: θ.lanes, count: θ.laneCount)
    return StateWithMemory(base: base.initialState(for: θ), memory: memory)
  }

  @inlinable
  public func update(
    _ θ: TensorView<Scalar>, gradient g: TensorView<Scalar>,
    state s: inout StateWithMemory<Base.State, LaneArray<Scalar>>, at t: Int
  ) {
    base.update(θ, gradient: g, state: &s.base, at: t)
    if changesNothing(at: t) { return }
    Self.finish(θ.lanes, s.memory.mutableLanes(), count: θ.laneCount, factors(at: t))
  }
}

extension RememberingRule where Self: ObjectiveRule, Base: ObjectiveRule {
  @inlinable public func moves(at t: Int) -> Bool { base.moves(at: t) }

  public static var fields: [StateField<StateWithMemory<Base.State, ParameterVector<Scalar>>, Scalar>] {
    Base.fields.map { $0.lifted(through: \.base) } + [.memory(memorySlot, \.memory)]
  }

  public func stateByteCount(of layout: ParameterLayout) -> Double {
    base.stateByteCount(of: layout) + Double(MemoryLayout<Scalar>.size) * Double(layout.paddedCount)
  }

  @inlinable
  public func initialState(
    for θ: ParameterVector<Scalar>
  ) -> StateWithMemory<Base.State, ParameterVector<Scalar>> {
    StateWithMemory(base: base.initialState(for: θ), memory: θ)
  }

  @inlinable
  public func step(
    _ θ: inout ParameterVector<Scalar>, on objective: inout StepObjective<Scalar>,
    state s: inout StateWithMemory<Base.State, ParameterVector<Scalar>>, at t: Int, threads: Int
  ) throws {
    try base.step(&θ, on: &objective, state: &s.base, at: t, threads: threads)
    if changesNothing(at: t) { return }
    Self.finish(θ.mutableLanes(), s.memory.mutableLanes(), count: θ.laneCount, factors(at: t))
  }
}

extension RememberingRule {
  /// Finishes the step of `count` lanes.
  @inlinable
  static func finish(
    _ θ: UnsafeMutablePointer<Lane>, _ memory: UnsafeMutablePointer<Lane>, count: Int, _ factors: Factors
  ) {
    for i in 0..<count {
      var x = θ[i].finite
      finish(&x, memory: &memory[i], factors)
      θ[i] = x
    }
  }
}
