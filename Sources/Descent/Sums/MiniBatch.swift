/// An update rule on mini-batches of a finite sum: stochastic gradient descent and the methods built on it.
///
///     θ ← the rule's step for g = (1/|B|) Σ_{i∈B} ∇fᵢ(θ)
///
/// Every epoch takes each term once, in the order `RandomStream(seed: seed, name: "shuffle").substream(epoch)
/// .permutation(of: n)`; the last batch of an epoch holds what is left. A step costs |B| term gradients. With |B| = n it is
/// the rule on the whole objective.
///
/// ```swift
/// let minimum = try minimize(sum, from: θ0, using: MiniBatch(Adam(), batchSize: 32), steps: 1000, seed: 1)
/// ```
public struct MiniBatch<Rule: ElementRule>: SumMethod where Rule.Scalar: LaneScalar {
  public typealias Scalar = Rule.Scalar

  /// The rule, with its options.
  public var rule: Rule
  /// |B| in 1…n.
  public var batchSize: Int

  public init(_ rule: Rule, batchSize: Int = 1) {
    self.rule = rule
    self.batchSize = batchSize
  }

  public struct State: SumMethodState {
    /// θ.
    public var parameters: ParameterVector<Scalar>
    /// The optimizer that steps θ; its groups and transforms may be set before the first step.
    public var optimizer: Optimizer<Rule>
    @inlinable public var stepCount: Int { optimizer.stepCount }
    @usableFromInline var sampler: TermSampler
    /// Batches drawn so far: more than steps if transforms skip some.
    @usableFromInline var drawn = 0

    @usableFromInline
    init(at θ: ParameterVector<Scalar>, optimizer: Optimizer<Rule>, sampler: TermSampler) {
      parameters = θ
      self.optimizer = optimizer
      self.sampler = sampler
    }
  }

  @inlinable
  public func start(at θ: ParameterVector<Scalar>, count n: Int, seed: UInt64) throws(RuleError) -> State {
    try check(batchSize: batchSize, count: n)
    return State(at: θ, optimizer: try Optimizer(rule, for: θ), sampler: TermSampler(count: n, seed: seed))
  }

  @inlinable
  public func step<Sum: FiniteSum>(
    _ state: inout State, on sum: CountedSum<Sum>
  ) throws where Sum.Scalar == Scalar {
    let terms = state.sampler.batch(batchSize, step: state.drawn + 1)
    try state.optimizer.step(&state.parameters, on: sum.batch(terms, step: state.drawn))
    state.drawn += 1
  }

  public static var name: String { Rule.name }

  public static var options: [RuleOption<Self>] {
    Rule.options.map { $0.lifted(through: \.rule) } + [
      .integer("batchSize", \.batchSize, in: 1...1_000_000_000, "|B|: terms in a mini-batch")
    ]
  }
}
