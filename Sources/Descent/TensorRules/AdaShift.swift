import RealModule

/// AdaShift: Adam whose second moment lags, so that it does not contain the step's own gradient (Zhou et al. 2019,
/// Algorithm 1).
///
///     t ≤ n:  no step; gₜ is kept
///     t > n:  v ← β₂ v + (1 − β₂) φ(gₜ₋ₙ²),   v̂ = v / (1 − β₂ᵗ⁻ⁿ)
///             m = Σ β₁ⁱ gₜ₋ᵢ / Σ β₁ⁱ          i = 0, …, n − 1
///             θ ← θ − α m / (√v̂ + ε)
///
/// First step, at t = n + 1: α m / (|g₁| + ε). φ is ``Spatial/identity``, or the largest or the mean square of the
/// whole parameter; v is then one number, and the method is momentum normalized for each layer. The last n gradients
/// are kept: n slots. Vectors and matrices are treated alike: the method reads no shape, so it does not matter which
/// extents are inputs and which outputs. 0 / 0 = 0.
///
/// Each step sums m anew from the kept gradients: the recursive form of the authors' code, if ported with m₀ = 0, is
/// wrong by β₁ᵗ⁻ⁿ mₙ. The authors' settings: α = 0.01 with the maximum and 0.001 with the identity, n = 10. kozistr's
/// port enqueues the first gradient twice, and for n = 10 corrects by 1 − β₂⁻¹ < 0.
public struct AdaShift<Scalar: LaneScalar>: TensorRule {
  /// α ≥ 0.
  public var learningRate: Schedule
  /// n ≥ 1: the number of gradients by which v lags. Changing it between steps has no effect.
  public var keep: Int
  /// φ. Changing between the identity and the others between steps has no effect.
  public var spatial: Spatial
  /// β₁ in [0, 1].
  public var beta1: Double
  /// β₂ in [0, 1).
  public var beta2: Double
  /// ε ≥ 0, added to the root.
  public var epsilon: Double

  public init(
    learningRate: Schedule = 0.01, keep: Int = 10, spatial: Spatial = .maximum, beta1: Double = 0.9,
    beta2: Double = 0.999, epsilon: Double = 1e-8
  ) {
    self.learningRate = learningRate
    self.keep = keep
    self.spatial = spatial
    self.beta1 = beta1
    self.beta2 = beta2
    self.epsilon = epsilon
  }

  /// The squares that v averages.
  public enum Spatial: String, Codable, CaseIterable, Sendable {
    /// Each element's own square.
    case identity
    /// The largest square of the parameter.
    case maximum
    /// The mean square of the parameter.
    case mean
  }

  public struct State: Sendable {
    /// Gradient t in row (t − 1) mod n; rows of whole lanes.
    @usableFromInline var gradients: LaneArray<Scalar>
    /// v, or nothing if it is one number.
    @usableFromInline var v: LaneArray<Scalar>
    @usableFromInline var layerV = 0.0

    @inlinable
    init(gradients: LaneArray<Scalar>, v: LaneArray<Scalar>) {
      self.gradients = gradients
      self.v = v
    }
  }

  public static var fields: [StateField<State, Scalar>] {
    [.array("gradients", \.gradients), .array("v", \.v), .number("layerV", \.layerV, in: .nonNegative)]
  }

  public static var dependsOnAxes: Bool { false }

  @inlinable
  public func initialState(for θ: TensorView<Scalar>) -> State {
    return State(
      gradients: LaneArray(zeros: [keep, θ.laneCount * Scalar.laneWidth]),
      v: LaneArray(zeros: spatial == .identity ? θ.shape : [0]))
  }

  public func stateByteCount(of shape: [Int], axes: [AxisRole]) -> Double {
    Double(keep + (spatial == .identity ? 1 : 0)) * shape.reduce(Double(MemoryLayout<Scalar>.size)) { $0 * Double($1) }
  }

  @inlinable
  public func update(_ θ: TensorView<Scalar>, gradient g: TensorView<Scalar>, state: inout State, at t: Int) {
    let n = state.gradients.shape[0]
    let rowLanes = state.gradients.laneCount / n
    let gradients = state.gradients.mutableLanes()
    // The oldest gradient; the newest takes its place.
    let oldest = gradients + (t - 1) % n * rowLanes
    let limit = gLimit(θ.count)
    guard t > n else {
      for i in 0..<θ.laneCount { oldest[i] = g.lanes[i].infinityAsNaN.limited(to: limit) }
      return
    }
    // The oldest first: it has the smallest weight.
    let weights = weights(n)
    let terms = (0..<n).reversed().map { i in
      (weight: Scalar(weights[i]), lanes: UnsafePointer(gradients + (t - 1 - i) % n * rowLanes))
    }
    let vWeight = Schedule.constant(beta2).oneMinusProduct(through: t - n)

    if state.v.count == 0 {
      let φ = spatial == .mean ? meanSquare(oldest, θ) : largestSquare(oldest, θ)
      state.layerV = (state.layerV - (1 - beta2) * state.layerV) + (1 - beta2) * φ
      let root = (state.layerV * (1 / vWeight)).squareRoot() + epsilon
      let scale = root == 0 ? 0 : Scalar.finite(learningRate(at: t) / root)
      for i in 0..<θ.laneCount {
        oldest[i] = g.lanes[i].infinityAsNaN.limited(to: limit)
        θ.lanes[i] = (θ.lanes[i] - scale * mean(terms, i)).finite
      }
    } else {
      let root = vWeight.squareRoot()
      let (α, ε, oneMinusβ2) = (Scalar(learningRate(at: t) * root), Scalar(epsilon * root), Scalar(1 - beta2))
      let v = state.v.mutableLanes()
      for i in 0..<θ.laneCount {
        v[i].decay(towardSquareOf: oldest[i], by: oneMinusβ2)
        oldest[i] = g.lanes[i].infinityAsNaN.limited(to: limit)
        let step = (α * mean(terms, i)).dividedOrZero(by: Scalar.squareRoot(v[i]) + ε)
        θ.lanes[i] = (θ.lanes[i] - step).finite
      }
    }
  }

  /// The bound on |g|, such that v can hold the squares; if v is one number it is a `Double`.
  @usableFromInline
  func gLimit(_ count: Int) -> Scalar {
    spatial == .identity
      ? Scalar.largestGradient(squaresWeighedBy: 1 - beta2) : Scalar.largestSummable(count: count)
  }

  /// β₁ⁱ / Σ β₁ⁱ for i = 0, …, n − 1.
  @usableFromInline
  func weights(_ n: Int) -> [Double] {
    let powers = (0..<n).map { Double.pow(beta1, $0) }
    let total = powers.reduce(0, +)
    return powers.map { $0 / total }
  }

  /// m in lane i.
  @inlinable @inline(__always)
  func mean(_ terms: [(weight: Scalar, lanes: UnsafePointer<Scalar.Lane>)], _ i: Int) -> Scalar.Lane {
    var sum = Scalar.Lane.zero
    for term in terms { sum += term.weight * term.lanes[i] }
    return sum.finite
  }

  @inlinable
  func meanSquare(_ g: UnsafePointer<Scalar.Lane>, _ θ: TensorView<Scalar>) -> Double {
    Scalar.sumOfSquares(g, count: θ.laneCount) / Double(θ.count)
  }

  @inlinable
  func largestSquare(_ g: UnsafePointer<Scalar.Lane>, _ θ: TensorView<Scalar>) -> Double {
    var top = Scalar.Lane.zero
    for i in 0..<θ.laneCount { top = Scalar.maximum(top, Scalar.magnitude(g[i])) }
    let largest = Double(Scalar.largest(top))
    return largest * largest
  }

  public static var options: [RuleOption<Self>] {
    [
      .schedule("learningRate", \.learningRate, in: .nonNegative, "α: step size"),
      .integer("keep", \.keep, in: 1...1000, "n: gradients kept, by which v lags behind"),
      .choice("spatial", \.spatial, "φ: of each element (identity) or of the parameter (maximum, mean)"),
      .number("beta1", \.beta1, in: .closedUnit, "β₁: ratio of the weights of two gradients in m"),
      .number("beta2", \.beta2, in: .unit, "β₂: decay of the mean square"),
      .number("epsilon", \.epsilon, in: .nonNegative, "ε: added to the root"),
    ]
  }
}
