import RealModule

func adaGradCases<T: Real & BinaryFloatingPoint & Sendable>() -> [MethodCase<T>] {
  let w = { @Sendable (x: Double) in T(x) }
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
  ]
}
