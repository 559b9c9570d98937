import RealModule

func adamCases<T: Real & BinaryFloatingPoint & Sendable>() -> [MethodCase<T>] {
  let w = { @Sendable (x: Double) in T(x) }
  let cosine = "cosine(0.1, to=0.01, over=150)"
  let cosineAt = Reference.cosine(from: w(0.1), to: w(0.01), over: 150)
  func adam(_ change: (inout Reference.AdamOptions<T>) -> Void = { _ in }) -> Reference.Path<T> {
    var options = Reference.AdamOptions<T>(
      α: { _ in w(1e-3) }, β1: { _ in w(0.9) }, β2: w(0.999), ε: w(1e-8), εRoot: 0, decay: { _ in 0 }, η: { _ in 1 })
    change(&options)
    return Reference.adam(options)
  }
  let schedule = "linear(1, to=0.5, over=100)"
  let scheduleAt = { @Sendable (t: Int) in 1 - w(0.5) * min(1, T(t - 1) / 100) }
  return [
    MethodCase("adam", equations: adam()),
    MethodCase("adam", ["epsilonForm": "hat"], equations: adam { $0.isHat = true }),
    MethodCase("adam", ["biasCorrection": "false"], equations: adam { $0.corrects = false }),
    MethodCase(
      "adam", ["epsilon": "0", "epsilonRoot": "1e-7"],
      equations: adam {
        $0.ε = 0
        $0.εRoot = w(1e-7)
      }),
    MethodCase(
      "adam", ["beta1": "0", "beta2": "0.1"],
      equations: adam {
        $0.β1 = { _ in 0 }
        $0.β2 = w(0.1)
      }),
    MethodCase(
      "adam", ["lr": "inversesqrt(0.1)", "beta1": "exponential(0.9, factor=0.99)"],
      equations: adam {
        $0.α = { w(0.1) / T.sqrt(T($0)) }
        $0.β1 = { w(0.9) * T.pow(w(0.99), $0 - 1) }
      }),
    MethodCase("adam", ["beta1": "inverse(0.9)"], equations: adam { $0.β1 = { w(0.9) / T($0) } }),

    MethodCase(
      "adamw",
      [
        "lr": cosine, "schedule": schedule, "weightDecay": "1e-3", "beta1": "0.8", "beta2": "0.99", "epsilon": "1e-6",
      ],
      dependsOnθ: true,
      equations: adam {
        $0.α = cosineAt
        $0.η = scheduleAt
        $0.decay = { scheduleAt($0) * w(1e-3) }
        $0.β1 = { _ in w(0.8) }
        $0.β2 = w(0.99)
        $0.ε = w(1e-6)
      }),
    MethodCase(
      "adamw", ["lr": cosine, "schedule": schedule, "weightDecay": "0.1", "decayCoupling": "learningRate"],
      dependsOnθ: true,
      equations: adam {
        $0.α = cosineAt
        $0.η = scheduleAt
        $0.decay = { scheduleAt($0) * cosineAt($0) * w(0.1) }
      }),

    MethodCase("adamax", equations: Reference.adaMax(α: w(2e-3), β1: w(0.9), β2: w(0.999))),
    MethodCase(
      "adamax",
      ["lr": "0.01", "beta1": "0.8", "beta2": "0.99", "epsilon": "1e-8", "denominatorEpsilon": "1e-7"],
      equations: Reference.adaMax(α: w(0.01), β1: w(0.8), β2: w(0.99), ε: w(1e-8), εDenominator: w(1e-7))),

    MethodCase("amsgrad", equations: Reference.amsGrad(α: w(1e-3), β1: w(0.9), β2: w(0.999), ε: 0, .none)),
    MethodCase(
      "amsgrad", ["epsilon": "1e-8", "correction": "none"],
      equations: Reference.amsGrad(α: w(1e-3), β1: w(0.9), β2: w(0.999), ε: w(1e-8), .none)),
    MethodCase(
      "amsgrad", ["epsilon": "1e-8", "correction": "afterMaximum"],
      equations: Reference.amsGrad(α: w(1e-3), β1: w(0.9), β2: w(0.999), ε: w(1e-8), .afterMaximum)),
    MethodCase(
      "amsgrad", ["lr": "0.01", "beta1": "0.8", "beta2": "0.99", "epsilon": "1e-8", "correction": "beforeMaximum"],
      equations: Reference.amsGrad(α: w(0.01), β1: w(0.8), β2: w(0.99), ε: w(1e-8), .beforeMaximum)),
  ]
}
