import Descent
import RealModule
import Testing

/// Each rule and option against an evaluation of its equations in a wider type, element by element, after each of 200
/// steps of five kinds of gradient sequence.
@Suite struct ExactnessTests {
  @Test func float() throws { try expectAllExact(Float.self) }
  #if arch(x86_64) || arch(i386)
    @Test func double() throws { try expectAllExact(Double.self) }
  #endif

  private func expectAllExact<Scalar: CheckedScalar>(_: Scalar.Type) throws {
    typealias T = Scalar.Wider
    func w(_ x: Double) -> T { T(x) }
    let cosine = Rate.cosine(0.1, to: 0.01, over: 150)
    func cosineAt(_ t: Int) -> T {
      let p = min(1, T(t - 1) / 150)
      return w(0.01) + (w(0.1) - w(0.01)) * (1 + T.cos(T.pi * p)) / 2
    }

    try expectExact(SGD<Scalar>(learningRate: 0.1), within: 4, reference: Reference.sgd { _ in w(0.1) })
    try expectExact(SGD<Scalar>(learningRate: cosine), within: 4, reference: Reference.sgd(α: cosineAt))

    try expectExact(Momentum<Scalar>(), within: 16, reference: Reference.momentum(α: { _ in w(0.01) }, μ: w(0.9)))
    try expectExact(
      Momentum<Scalar>(learningRate: cosine), within: 16, reference: Reference.momentum(α: cosineAt, μ: w(0.9)))
    try expectExact(
      Momentum<Scalar>(learningRate: cosine, dampening: 0.3, ratePlacement: .outside), within: 16,
      reference: Reference.torchMomentum(α: cosineAt, μ: w(0.9), τ: w(0.3)))

    try expectExact(
      Nesterov<Scalar>(learningRate: cosine), within: 16,
      reference: Reference.nesterov(α: cosineAt, μ: { _ in w(0.9) }))
    try expectExact(
      Nesterov<Scalar>(learningRate: 0.1, momentum: .linear(from: 0.5, to: 0.95, over: 100)), within: 16,
      reference: Reference.nesterov(α: { _ in w(0.1) }) { w(0.5) + (w(0.95) - w(0.5)) * min(1, T($0 - 1) / 100) })
    try expectExact(
      Nesterov<Scalar>(learningRate: cosine, ratePlacement: .outside), within: 16,
      reference: Reference.torchMomentum(α: cosineAt, μ: w(0.9), nesterov: true))

    try expectExact(AdaGrad<Scalar>(), within: 64, reference: Reference.adaGrad(α: w(0.01), ε: w(1e-10)))
    try expectExact(
      AdaGrad<Scalar>(epsilon: 0, epsilonRoot: 1e-7, initialAccumulator: 0.1), within: 64,
      reference: Reference.adaGrad(α: w(0.01), ε: 0, εRoot: w(1e-7), G0: w(0.1)))

    try expectExact(RMSProp<Scalar>(), within: 48, reference: Reference.rmsProp(α: w(1e-3), ρ: w(0.9), ε: w(1e-8)))
    try expectExact(
      RMSProp<Scalar>(rho: 0.99, epsilon: 0, epsilonRoot: 1e-7, initialSecondMoment: 1), within: 48,
      reference: Reference.rmsProp(α: w(1e-3), ρ: w(0.99), ε: 0, εRoot: w(1e-7), v0: 1))

    try expectExact(AdaDelta<Scalar>(), within: 80, reference: Reference.adaDelta(α: 1, ρ: w(0.95), ε: w(1e-6)))
    try expectExact(
      AdaDelta<Scalar>(learningRate: 0.5, rho: 0.9, epsilon: 1e-4), within: 80,
      reference: Reference.adaDelta(α: w(0.5), ρ: w(0.9), ε: w(1e-4)))

    let adam = Reference.AdamOptions<T>(
      α: { _ in w(1e-3) }, β1: { _ in w(0.9) }, β2: w(0.999), ε: w(1e-8), εRoot: 0, decay: { _ in 0 }, η: { _ in 1 })
    try expectExact(Adam<Scalar>(), within: 24, reference: Reference.adam(adam))
    var options = adam
    options.isHat = true
    try expectExact(Adam<Scalar>(epsilonForm: .hat), within: 24, reference: Reference.adam(options))
    options = adam
    options.corrects = false
    try expectExact(Adam<Scalar>(biasCorrection: false), within: 24, reference: Reference.adam(options))
    options = adam
    options.ε = 0
    options.εRoot = w(1e-7)
    try expectExact(Adam<Scalar>(epsilon: 0, epsilonRoot: 1e-7), within: 24, reference: Reference.adam(options))
    options = adam
    options.β2 = w(0.1)
    options.β1 = { _ in 0 }
    try expectExact(Adam<Scalar>(beta1: 0, beta2: 0.1), within: 24, reference: Reference.adam(options))
    options = adam
    options.α = { w(0.1) / T.sqrt(T($0)) }
    options.β1 = { w(0.9) * T.pow(w(0.99), $0 - 1) }
    try expectExact(
      Adam<Scalar>(learningRate: .inverseSquareRoot(0.1), beta1: .exponential(0.9, factor: 0.99)), within: 24,
      reference: Reference.adam(options))
    options = adam
    options.β1 = { w(0.9) / T($0) }
    try expectExact(Adam<Scalar>(beta1: .inverse(0.9)), within: 24, reference: Reference.adam(options))

    options = adam
    options.α = cosineAt
    options.η = { 1 - w(0.5) * min(1, T($0 - 1) / 100) }
    options.decay = { [η = options.η] in η($0) * w(1e-3) }
    let schedule = Rate.linear(from: 1, to: 0.5, over: 100)
    try expectExact(
      AdamW<Scalar>(learningRate: cosine, schedule: schedule, weightDecay: 1e-3), within: 24, dependsOnθ: true,
      reference: Reference.adam(options))
    options.decay = { [η = options.η] in η($0) * cosineAt($0) * w(0.1) }
    try expectExact(
      AdamW<Scalar>(learningRate: cosine, schedule: schedule, weightDecay: 0.1, decayCoupling: .learningRate),
      within: 24,
      dependsOnθ: true,
      reference: Reference.adam(options))

    try expectExact(
      AdaMax<Scalar>(), within: 16, reference: Reference.adaMax(α: w(2e-3), β1: w(0.9), β2: w(0.999)))
    try expectExact(
      AdaMax<Scalar>(epsilon: 1e-8, denominatorEpsilon: 1e-7), within: 16,
      reference: Reference.adaMax(α: w(2e-3), β1: w(0.9), β2: w(0.999), ε: w(1e-8), εDenominator: w(1e-7)))

    for (correction, reference) in [
      (AMSGrad<Scalar>.Correction.none, Reference.Correction.none), (.afterMaximum, .afterMaximum),
      (.beforeMaximum, .beforeMaximum),
    ] {
      try expectExact(
        AMSGrad<Scalar>(epsilon: 1e-8, correction: correction), within: 24,
        reference: Reference.amsGrad(α: w(1e-3), β1: w(0.9), β2: w(0.999), ε: w(1e-8), reference))
    }
    try expectExact(
      AMSGrad<Scalar>(), within: 24,
      reference: Reference.amsGrad(α: w(1e-3), β1: w(0.9), β2: w(0.999), ε: 0, .none))
  }
}
