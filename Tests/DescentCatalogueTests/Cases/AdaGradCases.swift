import RealModule

func adaGradCases<T: Real & BinaryFloatingPoint & Sendable>() -> [MethodCase<T>] {
  let w = { @Sendable (x: Double) in T(x) }
  let cosine = "cosine(0.1, to=0.01, over=150)"
  let cosineAt = Reference.cosine(from: w(0.1), to: w(0.01), over: 150)
  return [
    MethodCase("adagrad", equations: Reference.adaGrad(α: w(0.01), ε: w(1e-10))),
    MethodCase(
      "adagrad", ["lr": "0.1", "epsilon": "0", "epsilonRoot": "1e-7", "initialAccumulator": "0.1"],
      equations: Reference.adaGrad(α: w(0.1), ε: 0, εRoot: w(1e-7), G0: w(0.1))),

    MethodCase("rmsprop", equations: Reference.rmsProp(α: w(1e-3), ρ: w(0.9), ε: w(1e-8))),
    MethodCase(
      "rmsprop", ["lr": "0.01", "rho": "0.99", "epsilon": "0", "epsilonRoot": "1e-7", "initialSecondMoment": "1"],
      equations: Reference.rmsProp(α: w(0.01), ρ: w(0.99), ε: 0, εRoot: w(1e-7), v0: 1)),

    MethodCase("adadelta", equations: Reference.adaDelta(α: 1, ρ: w(0.95), ε: w(1e-6))),
    MethodCase(
      "adadelta", ["lr": "0.5", "rho": "0.9", "epsilon": "1e-4"],
      equations: Reference.adaDelta(α: w(0.5), ρ: w(0.9), ε: w(1e-4))),

    MethodCase(
      "rmsprop", ["momentum": "0.9"],
      equations: Reference.rmsPropMomentum(α: { _ in w(1e-3) }, ρ: w(0.9), μ: w(0.9), ε: w(1e-8))),
    MethodCase(
      "rmspropmomentum",
      ["lr": cosine, "rho": "0.99", "momentum": "0.8", "epsilon": "1e-8", "ratePlacement": "outside"],
      equations: Reference.rmsPropMomentum(α: cosineAt, ρ: w(0.99), μ: w(0.8), ε: w(1e-8), rateOutside: true)),
    MethodCase(
      "rmspropmomentum",
      ["lr": cosine, "epsilon": "0", "epsilonRoot": "1e-10", "initialSecondMoment": "1"],
      equations: Reference.rmsPropMomentum(
        α: cosineAt, ρ: w(0.9), μ: w(0.9), ε: 0, εRoot: w(1e-10), v0: 1)),

    // Graves 2013.
    MethodCase(
      "rmsprop",
      ["centered": "true", "lr": "1e-4", "rho": "0.95", "momentum": "0.9", "epsilon": "0", "epsilonRoot": "1e-4"],
      equations: Reference.centeredRMSProp(α: { _ in w(1e-4) }, ρ: w(0.95), μ: w(0.9), ε: 0, εRoot: w(1e-4))),
    MethodCase(
      // Later, a constant gradient makes s no larger than the square of the mean's rounding error.
      "centeredrmsprop", steps: 100,
      equations: Reference.centeredRMSProp(α: { _ in w(1e-3) }, ρ: w(0.9), μ: 0, ε: w(1e-8), εRoot: 0)),
    MethodCase(
      "centeredrmsprop",
      ["lr": cosine, "rho": "0.99", "momentum": "0.9", "epsilon": "1e-8", "ratePlacement": "outside"],
      equations: Reference.centeredRMSProp(
        α: cosineAt, ρ: w(0.99), μ: w(0.9), ε: w(1e-8), εRoot: 0, rateOutside: true)),

    MethodCase("delayedadagrad", equations: Reference.delayedAdaGrad(α: { _ in w(0.1) }, β: 1, exponentOffset: 0)),
    MethodCase(
      "delayedadagrad", ["lr": cosine, "beta": "0.5", "exponentOffset": "0.1", "momentum": "0.9"],
      equations: Reference.delayedAdaGrad(α: cosineAt, β: w(0.5), exponentOffset: w(0.1), μ: w(0.9))),

    MethodCase("beckerlecun", equations: Reference.sgd { _ in 1 / w(1.02) }),
    MethodCase("beckerlecun", ["lr": cosine, "mu": "1"], equations: Reference.sgd { cosineAt($0) / 2 }),
    MethodCase("schaul", equations: Reference.schaul(α: { _ in 1 }, ρ: w(0.9))),
    MethodCase("schaul", ["lr": cosine, "rho": "0.98"], equations: Reference.schaul(α: cosineAt, ρ: w(0.98))),
    MethodCase("vsgd", equations: Reference.vSGD(α: { _ in 1 }, C: 2, τ0: 2)),
    MethodCase(
      "vsgd", ["lr": cosine, "slowStart": "10", "initialMemory": "5"],
      equations: Reference.vSGD(α: cosineAt, C: 10, τ0: 5)),
  ]
}
