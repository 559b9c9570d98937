/// Prodigy: Adam that estimates its step size, the distance d to the solution, on the way (Mishchenko & Defazio 2024,
/// Algorithm 4).
///
///     r ← β₃ r + (d / d₀) d α ⟨g, θ₀ − θ⟩
///     s ← β₃ s + (d / d₀) d α g
///     m ← β₁ m + (1 − β₁) d g,   v ← β₂ v + (1 − β₂) d² g²
///     d' = max(d, c r / ‖s‖₁)
///     θ ← θ − d α m / (√v + d' ε),   then d ← d'
///
/// with the inner product and the norm over all parameters. First step: d₀ α (1 − β₁) / √(1 − β₂) sign(g). Leave α at
/// 1; β₃ is √β₂ unless given. The first estimate above d₀ is accepted whatever ``growthRate`` is. A gradient of zeros
/// changes nothing.
///
/// θ₀ − θ is kept as the sum of the steps, so that it is as exact as they are: with θ near 1 and d₀ = 10⁻⁶, rounding
/// would change a twentieth of the difference in `Float`. The sum would not contain Lookahead or a decay other than
/// ``weightDecay``, so these are refused.
///
/// The method follows the authors' code, as optax.contrib.prodigy does. `safeguardWarmup` keeps α out of s.
public struct Prodigy<Scalar: LaneScalar>: VectorRule {
  /// α ≥ 0: a factor of the estimated step size.
  public var learningRate: Schedule
  /// β₁ in [0, 1).
  public var beta1: Double
  /// β₂ in [0, 1).
  public var beta2: Double
  /// β₃ in [0, 1); 0 for √β₂.
  public var beta3: Double
  /// ε ≥ 0, times d, added to the root.
  public var epsilon: Double
  /// d₀ > 0: the first estimate.
  public var initialDistance: Double
  /// c > 0: a factor of the estimate.
  public var distanceFactor: Double
  /// How much d may grow in a step, at least 1; 0 for no bound.
  public var growthRate: Double
  /// λ ≥ 0 of decoupled decay, times d α.
  public var weightDecay: Double
  /// Whether α is multiplied by √(1 − β₂ᵗ) / (1 − β₁ᵗ).
  public var biasCorrection: Bool
  /// Whether s uses d in place of d α, for learning rates that start from 0.
  public var safeguardWarmup: Bool

  public init(
    learningRate: Schedule = 1, beta1: Double = 0.9, beta2: Double = 0.999, beta3: Double = 0, epsilon: Double = 1e-8,
    initialDistance: Double = 1e-6, distanceFactor: Double = 1, growthRate: Double = 0, weightDecay: Double = 0,
    biasCorrection: Bool = false, safeguardWarmup: Bool = false
  ) {
    self.learningRate = learningRate
    self.beta1 = beta1
    self.beta2 = beta2
    self.beta3 = beta3
    self.epsilon = epsilon
    self.initialDistance = initialDistance
    self.distanceFactor = distanceFactor
    self.growthRate = growthRate
    self.weightDecay = weightDecay
    self.biasCorrection = biasCorrection
    self.safeguardWarmup = safeguardWarmup
  }

  public struct State: Sendable {
    @usableFromInline var m, v, s: ParameterVector<Scalar>
    /// θ₀ − θ.
    @usableFromInline var moved: ParameterVector<Scalar>
    @usableFromInline var d: Double
    /// The largest estimate.
    @usableFromInline var largest: Double
    @usableFromInline var r = 0.0

    @inlinable
    init(layout: ParameterLayout, d: Double) {
      m = ParameterVector(zeros: layout)
      v = ParameterVector(zeros: layout)
      s = ParameterVector(zeros: layout)
      moved = ParameterVector(zeros: layout)
      self.d = d
      largest = d
    }
  }

  public static var fields: [StateField<State, Scalar>] {
    [
      .vector("m", \.m), .vector("v", \.v), .vector("s", \.s), .vector("moved", \.moved),
      .number("d", \.d, in: .nonNegative),
      .number("largest", \.largest, in: .nonNegative), .number("r", \.r),
    ]
  }

  @inlinable
  public func initialState(for θ: ParameterVector<Scalar>) -> State { State(layout: θ.layout, d: initialDistance) }

  @inlinable
  public func step(
    _ θ: inout ParameterVector<Scalar>, gradient g: ParameterVector<Scalar>, state: inout State, at t: Int, threads: Int
  ) {
    let d = state.d
    let rate = Double.finite(d * learningRate(at: t) * (biasCorrection ? correction(beta1, beta2, at: t) : 1))
    let gain = Double.finite(d / initialDistance)
    let β3 = beta3 == 0 ? beta2.squareRoot() : beta3
    let (m, v, s) = (state.m.mutableLanes(), state.v.mutableLanes(), state.s.mutableLanes())
    let moved = state.moved.mutableLanes()
    let (oneMinusβ1, oneMinusβ2, sDecay) = (Scalar(1 - beta1), Scalar(1 - beta2), Scalar(β3))
    let (scale, sScale) = (Scalar.finite(d), Scalar.finite(gain * (safeguardWarmup ? d : rate)))
    let summable = Scalar.largestSummable(count: θ.layout.parameterCount)
    let limit = Scalar.largestGradient(squaresWeighedBy: 1 - beta2)
    let lanes = g.lanes
    let sums = summed(lanes: θ.laneCount, threads: threads) { range in
      var (product, sum) = (Scalar.Wide.zero, Scalar.Wide.zero)
      for i in range {
        let g = lanes[i].infinityAsNaN.limited(to: summable)
        let dg = (scale * g).limited(to: limit)
        product += Scalar.widened(g) * Scalar.widened(moved[i])
        m[i].decay(toward: dg, by: oneMinusβ1)
        v[i].decay(towardSquareOf: dg, by: oneMinusβ2)
        let total = (sDecay * s[i] + sScale * g).limited(to: summable)
        s[i] = total
        sum += Scalar.widened(Scalar.magnitude(total))
      }
      return SumPair(product.sum(), sum.sum())
    }
    guard sums[1] != 0 else { return }
    state.r = Double.finite(β3 * state.r + Double.finite(gain * rate) * sums[0])
    grow(&state, to: Double.finite(distanceFactor * state.r / sums[1]))

    let (α, ε, decay) = (
      Scalar.finite(rate), Scalar.finite(state.d * epsilon), Scalar.finite(rate * weightDecay)
    )
    let x = θ.mutableLanes()
    forEachLane(in: θ.laneCount, threads: threads) { i in
      let u = (decay * x[i]).finite + (α * m[i]).finite.dividedOrZero(by: Scalar.squareRoot(v[i]) + ε)
      moved[i] = (moved[i] + u).limited(to: summable)
      x[i] = (x[i] - u).finite
    }
  }

  /// The next d for a new estimate; NaN if the estimate is NaN.
  @inlinable
  func grow(_ state: inout State, to estimate: Double) {
    var d = state.d
    if d == initialDistance { d = larger(d, estimate) }
    state.largest = larger(state.largest, estimate)
    let bound = growthRate > 0 ? d * growthRate : .infinity
    state.d = bound < state.largest ? bound : state.largest
  }

  public static var obstacleToMoving: String? {
    "the estimated step size counts the method's own steps alone, and would not see what else is done to θ"
  }

  public static var options: [RuleOption<Self>] {
    [
      .schedule("learningRate", \.learningRate, in: .nonNegative, "α: factor of the estimated step size"),
      .number("beta1", \.beta1, in: .unit, "β₁: decay of the mean gradient"),
      .number("beta2", \.beta2, in: .unit, "β₂: decay of the mean square"),
      .number("beta3", \.beta3, in: .unit, "β₃: decay of the estimate's sums; 0 for √β₂"),
      .number("epsilon", \.epsilon, in: .nonNegative, "ε: times d, added to the root"),
      .number("initialDistance", \.initialDistance, in: .positive, "d₀: first estimate"),
      .number("distanceFactor", \.distanceFactor, in: .positive, "c: factor of the estimate"),
      .number("growthRate", \.growthRate, in: .nonNegative, "how much d may grow in a step; 0 for no bound"),
      .number("weightDecay", \.weightDecay, in: .nonNegative, "λ: of decoupled decay, times d α"),
      .flag("biasCorrection", \.biasCorrection, "multiply α by √(1 − β₂ᵗ) / (1 − β₁ᵗ)"),
      .flag("safeguardWarmup", \.safeguardWarmup, "leave α out of the estimate's denominator"),
    ]
  }
}

/// The larger of two numbers; NaN if the second is NaN.
@inlinable
func larger(_ a: Double, _ b: Double) -> Double { b > a || b.isNaN ? b : a }

/// √(1 − β₂ᵗ) / (1 − β₁ᵗ).
@usableFromInline
func correction(_ β1: Double, _ β2: Double, at t: Int) -> Double {
  Schedule.constant(β2).oneMinusProduct(through: t).squareRoot() / Schedule.constant(β1).oneMinusProduct(through: t)
}
