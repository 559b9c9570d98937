import Descent
import RealModule
import Testing

@Suite struct NadamTests: MethodTests {
  static func cases<T: ReferenceScalar>() -> [MethodCase<T>] {
    func nadam(_ change: (inout Reference.NadamOptions<T>) -> Void = { _ in }) -> Reference.Path<T> {
      var options = Reference.NadamOptions<T>(
        α: { _ in w(2e-3) }, β1: w(0.9), β2: w(0.999), ε: w(1e-8), ψ: w(0.004), isScheduled: true,
        hasScheduledMean: true,
        scales: true)
      change(&options)
      return Reference.nadam(options)
    }
    return [
      MethodCase("nadam", equations: nadam()),
      MethodCase(
        "nadam", ["form": "scheduled", "momentumDecay": "1", "lr": cosine],
        equations: nadam {
          $0.hasScheduledMean = false
          $0.scales = false
          $0.ψ = 1
          $0.α = cosineAt
        }),
      MethodCase(
        "nadam", ["form": "constant", "beta1": "0.8", "beta2": "0.99", "epsilon": "1e-6"],
        equations: nadam {
          $0.isScheduled = false
          $0.hasScheduledMean = false
          $0.β1 = w(0.8)
          $0.β2 = w(0.99)
          $0.ε = w(1e-6)
        }),
      MethodCase(
        "nadam", ["form": "simple", "lr": "0.01"],
        equations: nadam {
          $0.isScheduled = false
          $0.hasScheduledMean = false
          $0.scales = false
          $0.α = { _ in w(0.01) }
        }),
    ]
  }

  @Test func firstSteps() throws {
    try expectFirstStep(of: Nadam(epsilon: 0), 1.31110, within: 1e-5)
    try expectFirstStep(of: Nadam(epsilon: 0, form: .scheduled), 1.0565, within: 1e-4)
    try expectFirstStep(of: Nadam(epsilon: 0, momentumDecay: 1, form: .scheduled), 1.0628, within: 1e-4)
    try expectFirstStep(of: Nadam(epsilon: 0, form: .simple), 0.9 / 1.9 + 1)
    try expectFirstStep(of: Nadam(epsilon: 0, form: .constant), (0.9 / 1.9 + 1) / 0.999.squareRoot())
  }
}

extension Reference {
  struct NadamOptions<T: Sendable>: Sendable {
    var α: @Sendable (Int) -> T
    var β1, β2, ε, ψ: T
    /// Whether μₜ is β₁ (1 − ½ 0.96^(t ψ)) in the corrections; whether it is in the mean; whether n̂ has a factor β₂.
    var isScheduled, hasScheduledMean, scales: Bool
  }

  static func nadam<T: ReferenceScalar>(_ o: NadamOptions<T>) -> Path<T> {
    @Sendable func μ(_ t: Int) -> T { o.isScheduled ? o.β1 - o.β1 / 2 * T.pow(T(0.96), T(t) * o.ψ) : o.β1 }
    return { gradients, θ0 in
      var (m, n, product): (T, T, T) = (0, 0, 1)
      return path(gradients, θ0) { t, g, θ in
        product *= μ(t)
        let β = o.hasScheduledMean ? μ(t) : o.β1
        m = β * m + (1 - β) * g
        n = o.β2 * n + (1 - o.β2) * g * g
        let mHat = μ(t + 1) * m / (1 - product * μ(t + 1)) + (1 - μ(t)) * g / (1 - product)
        let nHat = (o.scales ? o.β2 : 1) * n / (1 - T.pow(o.β2, t))
        θ -= ratio(o.α(t) * mHat, T.sqrt(nHat) + o.ε)
      }
    }
  }
}
