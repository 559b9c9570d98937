/// A vector rule with weight decay, a penalty or an average of its iterates. ``Decayed``, ``Penalized`` and
/// ``Averaged`` do the same for element-wise rules; here each takes a pass of its own.
public struct Extended<Base: VectorRule>: VectorRule {
  public typealias Scalar = Base.Scalar

  public var base: Base
  /// λ ≥ 0: a step takes away the share α λ of θ, which must be at most 1.
  public var weightDecay = 0.0
  /// Whether α, the learning rate, multiplies λ.
  public var decayCoupling = DecayCoupling.learningRate
  /// λ ≥ 0: the objective gains ½ λ ‖θ‖².
  public var penalty = 0.0
  /// Which average of θ is kept, if any.
  public var average: Average?

  public init(_ base: Base) { self.base = base }

  public struct State: Sendable {
    @usableFromInline var base: Base.State
    @usableFromInline var average: ParameterVector<Scalar>?

    @inlinable
    init(base: Base.State, average: ParameterVector<Scalar>?) {
      self.base = base
      self.average = average
    }
  }

  public var learningRate: Schedule {
    get { base.learningRate }
    set { base.learningRate = newValue }
  }
  public static var name: String { Base.name }
  public static var dependsOnAxes: Bool { Base.dependsOnAxes }
  public static var options: [RuleOption<Self>] {
    Base.options.map { $0.lifted(through: \.base) } + [
      .decay("weightDecay", \.weightDecay, "λ: a step takes away the share α λ of θ") {
        $0.decayCoupling.factor($0.base.learningRate.base)
      },
      .choice("decayCoupling", \.decayCoupling, "α multiplies λ (learningRate) or not (independent)")
        .requiring("weightDecay above 0") { $0.weightDecay > 0 },
      .number("penalty", \.penalty, in: .nonNegative, "λ: of the objective's ½ λ ‖θ‖²"),
    ]
  }

  @inlinable
  public func initialState(for θ: ParameterVector<Scalar>) -> State {
    State(base: base.initialState(for: θ), average: average == nil ? nil : θ)
  }

  public func stateByteCount(of layout: ParameterLayout) -> Double {
    let ofAverage = average == nil ? 0 : Double(MemoryLayout<Scalar>.size) * Double(layout.paddedCount)
    return base.stateByteCount(of: layout) + ofAverage
  }

  @inlinable
  public func step(
    _ θ: inout ParameterVector<Scalar>, gradient: ParameterVector<Scalar>, state: inout State, at t: Int,
    threads: Int
  ) {
    var g = gradient
    if penalty != 0 { g.penalize(θ, by: Scalar(penalty)) }
    if weightDecay != 0 { θ.decay(by: Scalar(share(at: t))) }
    base.step(&θ, gradient: g, state: &state.base, at: t, threads: threads)
    if let average { state.average?.decay(toward: θ, by: Scalar(average.weight(at: t))) }
  }

  /// The share of θ that step t takes away.
  @usableFromInline func share(at t: Int) -> Double { weightDecay * decayCoupling.factor(base.learningRate(at: t)) }

  public func save(_ state: State, of layout: ParameterLayout) -> SavedState<Scalar> {
    var saved = base.save(state.base, of: layout)
    if let average = state.average { saved.vectors["average"] = average }
    return saved
  }

  public func restore(
    _ saved: SavedState<Scalar>, into state: inout State, of layout: ParameterLayout
  ) throws(CheckpointError) {
    try base.restore(saved, into: &state.base, of: layout)
    guard average != nil else { return }
    guard let average = saved.vectors["average"] else { throw .missingState("average") }
    state.average = try average.rearranged(to: layout)
  }

  public func average(in state: State) -> ParameterVector<Scalar>? { state.average ?? base.average(in: state.base) }

  public mutating func add(
    groupOf pattern: String, options: [(name: String, value: String)], steps: Int?, isFrozen: Bool,
    in layout: ParameterLayout
  ) throws {
    try base.add(groupOf: pattern, options: options, steps: steps, isFrozen: isFrozen, in: layout)
  }

  public static var obstacleToMoving: String? { Base.obstacleToMoving }
  public static var obstacleToLookahead: String? { Base.obstacleToLookahead }

  public func validate() throws(RuleError) {
    if weightDecay != 0 { try Base.checkDecaying() }
    try base.validate()
    try validateOptions()
    if let average, !average.isValid {
      throw .invalidOption(
        rule: Self.name, option: "average", problem: "\(average) is not β in [0, 1), polyak or polyak:t₀")
    }
  }
}

extension Extended {
  /// This rule with θ ← (1 − α λ) θ before each step: decoupled weight decay.
  public func decayed(by decay: Double, coupling: DecayCoupling = .learningRate) -> Self {
    var rule = self
    rule.weightDecay = decay
    rule.decayCoupling = coupling
    return rule
  }

  /// This rule on the objective plus ½ λ ‖θ‖².
  public func penalized(by penalty: Double) -> Self {
    var rule = self
    rule.penalty = penalty
    return rule
  }

  /// This rule with an average of its iterates beside it.
  public func averaged(_ average: Average) -> Self {
    var rule = self
    rule.average = average
    return rule
  }

  /// This rule with an exponential moving average of θ beside it.
  public func averaged(_ decay: Double) -> Self { averaged(.exponential(decay)) }
}

extension VectorRule {
  /// This rule with θ ← (1 − α λ) θ before each step: decoupled weight decay.
  ///
  /// An optimizer refuses it for a rule that computes θ anew from its state, because the decay would be lost
  /// (``Configurable/obstacleToMoving``).
  ///
  /// - Parameters:
  ///   - decay: λ ≥ 0; the share α λ must be at most 1.
  ///   - coupling: `.learningRate` multiplies λ by α, as torch does; `.independent` does not.
  public func decayed(by decay: Double, coupling: DecayCoupling = .learningRate) -> Extended<Self> {
    Extended(self).decayed(by: decay, coupling: coupling)
  }

  /// This rule on the objective plus ½ λ ‖θ‖².
  ///
  /// - Parameter penalty: λ ≥ 0.
  public func penalized(by penalty: Double) -> Extended<Self> { Extended(self).penalized(by: penalty) }

  /// This rule with an average of its iterates beside it.
  public func averaged(_ average: Average) -> Extended<Self> { Extended(self).averaged(average) }

  /// This rule with an exponential moving average of θ beside it.
  ///
  /// - Parameter decay: β in [0, 1).
  public func averaged(_ decay: Double) -> Extended<Self> { averaged(.exponential(decay)) }
}

extension TensorRule {
  /// This rule with θ ← (1 − α λ) θ before each step: decoupled weight decay.
  public func decayed(by decay: Double, coupling: DecayCoupling = .learningRate) -> Extended<Layerwise<Self>> {
    Layerwise(self).decayed(by: decay, coupling: coupling)
  }

  /// This rule on the objective plus ½ λ ‖θ‖².
  public func penalized(by penalty: Double) -> Extended<Layerwise<Self>> { Layerwise(self).penalized(by: penalty) }

  /// This rule with an average of its iterates beside it.
  public func averaged(_ average: Average) -> Extended<Layerwise<Self>> { Layerwise(self).averaged(average) }

  /// This rule with an exponential moving average of θ beside it.
  public func averaged(_ decay: Double) -> Extended<Layerwise<Self>> { averaged(.exponential(decay)) }
}
