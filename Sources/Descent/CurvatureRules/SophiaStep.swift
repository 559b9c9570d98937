/// What the two forms of Sophia remember.
public struct SophiaState<Scalar: LaneScalar>: Sendable {
  /// m: the average of gradients.
  @usableFromInline var m: ParameterVector<Scalar>
  /// h: the average of estimates of the curvature's diagonal.
  @usableFromInline var h: ParameterVector<Scalar>

  @inlinable
  init(zeros layout: ParameterLayout) {
    let zeros = ParameterVector<Scalar>(zeros: layout)
    (m, h) = (zeros, zeros)
  }

  static var fields: [StateField<Self, Scalar>] { [.vector("m", \.m), .vector("h", \.h)] }
}

/// The step that both forms of Sophia share.
@usableFromInline
struct SophiaStep<Scalar: LaneScalar> {
  @usableFromInline let α, beta1, rho, epsilon: Double

  @inlinable
  init(α: Double, beta1: Double, rho: Double, epsilon: Double) {
    (self.α, self.beta1, self.rho, self.epsilon) = (α, beta1, rho, epsilon)
  }

  /// Whether step t renews h.
  @inlinable
  static func renews(at t: Int, every period: Int) -> Bool { (t - 1) % period == 0 }

  /// m ← β₁ m + (1 − β₁) g,  θ ← θ − α clip(m ÷ max(ρ h, ε), 1).
  @inlinable
  func step(
    _ θ: inout ParameterVector<Scalar>, _ gradient: ParameterVector<Scalar>, _ s: inout SophiaState<Scalar>,
    threads: Int
  ) {
    let (negativeα, weight) = (Scalar.finite(-α), Scalar.finite(1 - beta1))
    // ε must not vanish in `Float`: 0 ÷ 0 is no step.
    let (ρ, ε) = (Scalar.finite(rho), max(Scalar.finite(epsilon), Scalar.leastNormalMagnitude))
    let (x, m, h, g) = (θ.mutableLanes(), s.m.mutableLanes(), s.h.lanes, gradient.lanes)
    forEachLane(in: θ.laneCount, threads: threads) { i in
      m[i].decay(toward: g[i].infinityAsNaN, by: weight)
      let ratio = m[i] / Scalar.atLeast((ρ * h[i]).finite, ε)
      x[i] = (x[i] + negativeα * ratio.limited(to: 1)).finite
    }
  }

  /// h ← β₂ h + (1 − β₂) ĥ, with ĥ = count · ĝ² of Sophia-G.
  @inlinable
  static func average(
    _ h: inout ParameterVector<Scalar>, squareOf gradient: ParameterVector<Scalar>, count: Double, beta2: Double,
    threads: Int
  ) {
    let (keep, weight) = (Scalar.finite(1 - beta2), Scalar.finite((1 - beta2) * count))
    let (h, g) = (h.mutableLanes(), gradient.lanes)
    let count = gradient.laneCount
    forEachLane(in: count, threads: threads) { i in
      let x = g[i].infinityAsNaN
      h[i] = ((h[i] - keep * h[i]) + ((weight * x).finite * x).finite).finite
    }
  }

  /// h ← β₂ h + (1 − β₂) ĥ, with ĥ = z ⊙ H z of Sophia-H.
  @inlinable
  static func average(
    _ h: inout ParameterVector<Scalar>, probe: ParameterVector<Scalar>, product: ParameterVector<Scalar>,
    beta2: Double, threads: Int
  ) {
    let weight = Scalar.finite(1 - beta2)
    let (h, z, p) = (h.mutableLanes(), probe.lanes, product.lanes)
    let count = product.laneCount
    forEachLane(in: count, threads: threads) { i in
      h[i].decay(toward: (z[i] * p[i].infinityAsNaN).finite, by: weight)
    }
  }
}
