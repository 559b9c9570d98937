import RealModule

/// STORM: stochastic recursive momentum (Cutkosky & Orabona 2019, Algorithm 1).
///
///     Gₜ = ‖∇f_Bₜ(θₜ)‖
///     dₜ = ∇f_Bₜ(θₜ) + (1 − aₜ) (dₜ₋₁ − ∇f_Bₜ(θₜ₋₁)),  d₁ = ∇f_B₁(θ₁)
///     ηₜ = k / (w + Σ_{i≤t} Gᵢ²)^⅓
///     θₜ₊₁ = θₜ − ηₜ dₜ,  aₜ₊₁ = min(1, c ηₜ²)
///
/// Variance reduction without snapshots or large batches: momentum whose old part is corrected by the difference of two
/// gradients of the same batch Bₜ. With a = 1 it is SGD, with a = 0 SARAH without restarts. It asks its objective at two
/// points, so it takes a ``RepeatableObjective``: a batch of a model, or of a finite sum (`minimize(_:from:stepping:…)`,
/// with `sampling: .independent` as in the paper).
///
/// First step: k g / (w + ‖g‖²)^⅓. A step costs two gradients, the first one. The theory requires w ≥ (4 L k)³ and
/// c k² ≤ w^⅔, so that a ≤ 1; a larger a is cut to 1, as in the authors' code. That code also has a step size for
/// each coordinate and clips d. The paper's experiments use w = k = 0.1 and tune c.
public struct STORM<Scalar: LaneScalar>: ObjectiveRule {
  /// k > 0.
  public var k: Schedule
  /// w > 0.
  public var w: Double
  /// c ≥ 0.
  public var c: Double

  public init(k: Schedule = 0.1, w: Double = 0.1, c: Double = 10) {
    self.k = k
    self.w = w
    self.c = c
  }

  /// k.
  public var learningRate: Schedule {
    get { k }
    set { k = newValue }
  }

  public var needs: Set<ObjectiveCapability> { [.otherPoints] }

  public struct State: Sendable {
    /// dₜ of the last step.
    @usableFromInline var direction: ParameterVector<Scalar>
    /// θ before the last step.
    @usableFromInline var previous: ParameterVector<Scalar>
    /// Σ Gᵢ².
    @usableFromInline var squareSum = 0.0
    /// aₜ of the next step.
    @usableFromInline var momentum = 1.0
    /// Memory for the gradients at θ and at the point before.
    @usableFromInline var now, before: ParameterVector<Scalar>

    @inlinable
    init(at θ: ParameterVector<Scalar>) {
      let zeros = ParameterVector<Scalar>(zeros: θ.layout)
      (direction, previous, now, before) = (zeros, θ, zeros, zeros)
    }
  }

  @inlinable public func initialState(for θ: ParameterVector<Scalar>) -> State { State(at: θ) }

  public static var fields: [StateField<State, Scalar>] {
    [
      .vector("direction", \.direction), .vector("previous", \.previous),
      .number("squareSum", \.squareSum, in: .nonNegative),
      .number("momentum", \.momentum, in: .closedUnit),
    ]
  }

  public func stateByteCount(of layout: ParameterLayout) -> Double {
    4 * Double(MemoryLayout<Scalar>.size) * Double(layout.paddedCount)
  }

  @inlinable
  public func step(
    _ θ: inout ParameterVector<Scalar>, on objective: inout StepObjective<Scalar>, state s: inout State, at t: Int,
    threads: Int
  ) throws {
    _ = try objective.value(at: θ, gradient: &s.now)
    if t > 1 { _ = try objective.value(at: s.previous, gradient: &s.before) }
    let limit = Scalar.largestSummable(count: θ.layout.parameterCount)
    s.squareSum = Double.finite(s.squareSum + s.now.sumOfSquares(limit: limit, threads: threads))
    let η = stepSize(s.squareSum, at: t)
    let (negativeη, share) = (Scalar.finite(-η), Scalar(1 - s.momentum))
    s.previous = θ
    let (x, d, g, old) = (θ.mutableLanes(), s.direction.mutableLanes(), s.now.lanes, s.before.lanes)
    forEachLane(in: θ.laneCount, threads: threads) { i in
      d[i] = t == 1 ? g[i].infinityAsNaN : (share * (d[i] - old[i]).finite + g[i].infinityAsNaN).finite
      x[i] = (x[i] + negativeη * d[i]).finite
    }
    s.momentum = min(1, c * η * η)
  }

  /// ηₜ.
  @usableFromInline
  func stepSize(_ squareSum: Double, at t: Int) -> Double { k(at: t) / Double.root(w + squareSum, 3) }

  public static var options: [RuleOption<Self>] {
    [
      .schedule("k", \.k, in: .positive, "k: the step size is k / (w + Σ G²)^⅓"),
      .number("w", \.w, in: .positive, "w: what the sum of squares starts from"),
      .number("c", \.c, in: .nonNegative, "c: the momentum's a is c η²"),
    ]
  }
}
