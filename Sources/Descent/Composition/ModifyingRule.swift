/// A rule that changes θ or the gradient before the base's step, element by element.
public protocol ModifyingRule: ComposedRule {
  /// The change of one lane. Must map θ = 0, g = 0 to themselves: the padding must stay zero. g is finite or NaN.
  static func modify(_ θ: inout Lane, gradient g: inout Lane, _ factors: Factors)

  /// Whether the gradient may change. True unless the rule says otherwise; if false, it is not copied.
  static var changesGradient: Bool { get }

  /// λ, if the change of the gradient is that of a penalty ½ λ ‖θ‖²; values and curvature have it, too. Otherwise 0.
  var ridge: Double { get }
}

extension ModifyingRule {
  @inlinable public static var changesGradient: Bool { true }
  @inlinable public var ridge: Double { 0 }
}

// The base decides what a step sees.

extension ModifyingRule where Self: ElementRule, Base: ElementRule {
  public static var slots: [String] { Base.slots }
  @inlinable public static var slotKinds: SlotKinds { Base.slotKinds }
  @inlinable public func initialState(for θ: Lane) -> Base.State { base.initialState(for: θ) }

  @inlinable @inline(__always)
  public func update(
    _ θ: inout Lane, gradient g: Lane, state: inout Base.State, _ c: ComposedCoefficients<Base.Coefficients, Factors>
  ) {
    var g = g
    Self.modify(&θ, gradient: &g, c.own)
    base.update(&θ, gradient: g, state: &state, c.base)
  }

  @inlinable @inline(__always)
  public func message(
    at θ: Lane, gradient g: Lane, state: inout Base.State, _ c: ComposedCoefficients<Base.Coefficients, Factors>
  ) -> Lane {
    var (θ, g) = (θ, g)
    Self.modify(&θ, gradient: &g, c.own)
    return base.message(at: θ, gradient: g, state: &state, c.base)
  }

  @inlinable @inline(__always)
  public func apply(
    _ answer: Lane, to θ: inout Lane, state: inout Base.State, _ c: ComposedCoefficients<Base.Coefficients, Factors>
  ) {
    var g = Lane.zero
    Self.modify(&θ, gradient: &g, c.own)
    base.apply(answer, to: &θ, state: &state, c.base)
  }
}

extension ModifyingRule where Self: TensorRule, Base: TensorRule {
  public static var fields: [StateField<Base.State, Scalar>] { Base.fields }
  @inlinable public func initialState(for θ: TensorView<Scalar>) -> Base.State { base.initialState(for: θ) }
  public func stateByteCount(of shape: [Int], axes: [AxisRole]) -> Double {
    base.stateByteCount(of: shape, axes: axes)
  }

  @inlinable
  public func update(_ θ: TensorView<Scalar>, gradient g: TensorView<Scalar>, state: inout Base.State, at t: Int) {
    if changesNothing(at: t) { return base.update(θ, gradient: g, state: &state, at: t) }
    guard Self.changesGradient else {
      Self.modify(θ.lanes, g.lanes, into: nil, count: θ.laneCount, factors(at: t))
      return base.update(θ, gradient: g, state: &state, at: t)
    }
    var copy = LaneArray<Scalar>(zeros: g.shape)
    Self.modify(θ.lanes, g.lanes, into: copy.mutableLanes(), count: θ.laneCount, factors(at: t))
    base.update(θ, gradient: TensorView(g, in: copy.mutableLanes()), state: &state, at: t)
    withExtendedLifetime(copy) {}
  }
}

extension ModifyingRule where Self: ObjectiveRule, Base: ObjectiveRule {
  @inlinable public func moves(at t: Int) -> Bool { base.moves(at: t) }

  public static var fields: [StateField<Base.State, Scalar>] { Base.fields }
  @inlinable public func initialState(for θ: ParameterVector<Scalar>) -> Base.State { base.initialState(for: θ) }
  public func stateByteCount(of layout: ParameterLayout) -> Double { base.stateByteCount(of: layout) }

  /// The base asks for gradients as this rule changes them. The change of θ is made after its step, because the base
  /// asks at the point where the step begins.
  @inlinable
  public func step(
    _ θ: inout ParameterVector<Scalar>, on objective: inout StepObjective<Scalar>, state: inout Base.State, at t: Int,
    threads: Int
  ) throws {
    if changesNothing(at: t) { return try base.step(&θ, on: &objective, state: &state, at: t, threads: threads) }
    let (before, own, outerRidge) = (θ, factors(at: t), objective.ridge)
    let count = θ.laneCount
    objective.ridge += ridge
    if Self.changesGradient {
      objective.changes.append { point, gradient in
        var copy = point
        Self.modify(copy.mutableLanes(), gradient.lanes, into: gradient.mutableLanes(), count: count, own)
      }
    }
    try base.step(&θ, on: &objective, state: &state, at: t, threads: threads)
    if Self.changesGradient { objective.changes.removeLast() }
    objective.ridge = outerRidge
    if base.moves(at: t) { Self.move(θ.mutableLanes(), as: before.lanes, count: count, own) }
  }
}

extension ModifyingRule {
  /// Adds to `count` lanes of θ what the rule would change of `before`.
  @inlinable
  static func move(
    _ θ: UnsafeMutablePointer<Lane>, as before: UnsafePointer<Lane>, count: Int, _ factors: Factors
  ) {
    for i in 0..<count {
      var (x, g) = (before[i], Lane.zero)
      modify(&x, gradient: &g, factors)
      θ[i] = (θ[i] + (x - before[i])).finite
    }
  }

  /// Changes `count` lanes of θ; writes the changed gradient to `copy`, if there is one.
  @inlinable
  static func modify(
    _ θ: UnsafeMutablePointer<Lane>, _ g: UnsafePointer<Lane>, into copy: UnsafeMutablePointer<Lane>?, count: Int,
    _ factors: Factors
  ) {
    for i in 0..<count {
      var (x, y) = (θ[i], g[i].infinityAsNaN)
      modify(&x, gradient: &y, factors)
      θ[i] = x.finite
      copy?[i] = y
    }
  }
}
