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
  func bound(_ change: (inout Reference.BoundOptions<T>) -> Void) -> Reference.BoundOptions<T> {
    var options = Reference.BoundOptions<T>(
      α: { _ in w(1e-3) }, f: w(0.1), γ: w(1e-3), β1: w(0.9), β2: w(0.999))
    change(&options)
    return options
  }
  let warmUp = bound {
    $0.α = { w(1e-3) * min(1, T($0) / 20) }
    $0.base = w(1e-3)
    $0.γ = w(0.1)
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

    MethodCase("adamw", dependsOnθ: true, equations: adam { $0.decay = { _ in w(1e-3) * w(0.01) } }),
    // torch's AdamW under torch's cosine schedule.
    MethodCase(
      "adamw", ["lr": "cosine(0.001, over=200)", "weightDecay": "0.01"], dependsOnθ: true,
      equations: adam {
        let α = Reference.cosine(from: w(0.001), to: 0, over: 200)
        $0.α = α
        $0.decay = { α($0) * w(0.01) }
      }),
    MethodCase(
      "adamw",
      [
        "lr": cosine, "schedule": schedule, "weightDecay": "1e-3", "beta1": "0.8", "beta2": "0.99", "epsilon": "1e-6",
        "decayCoupling": "independent",
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

    MethodCase("padam", equations: Reference.padam(α: { _ in w(0.1) }, p: w(0.125), β1: w(0.9), β2: w(0.999))),
    MethodCase(
      "padam", ["lr": cosine, "partial": "0.2", "beta1": "0.8", "beta2": "0.99", "epsilon": "1e-8"],
      equations: Reference.padam(α: cosineAt, p: w(0.2), β1: w(0.8), β2: w(0.99), ε: w(1e-8))),
    MethodCase(
      "padam", ["partial": "0.25", "biasCorrection": "true"],
      equations: Reference.padam(α: { _ in w(0.1) }, p: w(0.25), β1: w(0.9), β2: w(0.999), corrects: true)),
    MethodCase(
      "padam", ["partial": "0.5", "epsilon": "1e-8"],
      equations: Reference.padam(α: { _ in w(0.1) }, p: w(0.5), β1: w(0.9), β2: w(0.999), ε: w(1e-8))),

    MethodCase(
      "adabound", equations: Reference.adaBound(bound { _ in })),
    MethodCase(
      "adabound", ["lr": "inversesqrt(0.001)"],
      equations: Reference.adaBound(bound { $0.α = { w(1e-3) / T.sqrt(T($0)) } })),
    MethodCase(
      "adabound",
      [
        "lr": cosine, "finalRate": "0.01", "gamma": "0.02", "beta1": "0.8", "beta2": "0.99", "epsilon": "1e-8",
        "biasCorrection": "true",
      ],
      equations: Reference.adaBound(
        bound {
          $0 = .init(α: cosineAt, f: w(0.01), γ: w(0.02), β1: w(0.8), β2: w(0.99), ε: w(1e-8), corrects: true)
        })),
    MethodCase("adabound", ["lr": "warmup(20, 0.001)", "gamma": "0.1"], equations: Reference.adaBound(warmUp)),
    MethodCase(
      "amsbound", ["lr": "warmup(20, 0.001)", "gamma": "0.1"],
      equations: Reference.adaBound(
        bound {
          $0 = warmUp; $0.maximum = true
        })),
    MethodCase("amsbound", equations: Reference.adaBound(bound { $0.maximum = true })),
    MethodCase(
      "amsbound",
      [
        "lr": cosine, "finalRate": "0.01", "gamma": "0.02", "beta1": "0.8", "beta2": "0.99", "epsilon": "1e-8",
        "biasCorrection": "true",
      ],
      equations: Reference.adaBound(
        bound {
          $0 = .init(
            α: cosineAt, f: w(0.01), γ: w(0.02), β1: w(0.8), β2: w(0.99), ε: w(1e-8), corrects: true, maximum: true)
        })),

    MethodCase(
      "schedulefreeadamw", dependsOnθ: true,
      equations: Reference.scheduleFreeAdamW(.init(α: { _ in w(0.0025) }, β: w(0.9)), β2: w(0.999), ε: w(1e-8))),
    MethodCase(
      "schedulefreeadamw",
      [
        "lr": "warmup(20, 0.01)", "beta1": "0.8", "beta2": "0.99", "epsilon": "1e-6", "weightDecay": "0.01",
        "timePower": "1",
      ],
      dependsOnθ: true,
      equations: Reference.scheduleFreeAdamW(
        .init(α: { w(0.01) * min(1, T($0) / 20) }, β: w(0.8), λ: w(0.01), r: 1), β2: w(0.99), ε: w(1e-6))),
    MethodCase(
      "schedulefreeadamw", ["lr": cosine, "beta1": "0", "weightDecay": "0.01", "decayPoint": "z", "ratePower": "1"],
      dependsOnθ: true,
      equations: Reference.scheduleFreeAdamW(
        .init(α: cosineAt, β: 0, λ: w(0.01), decaysZ: true, ratePower: 1), β2: w(0.999), ε: w(1e-8))),
  ]
}
