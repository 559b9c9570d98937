import RealModule

func adamVariantCases<T: Real & BinaryFloatingPoint & Sendable>() -> [MethodCase<T>] {
  let w = { @Sendable (x: Double) in T(x) }
  let cosine = "cosine(0.1, to=0.01, over=150)"
  let cosineAt = Reference.cosine(from: w(0.1), to: w(0.01), over: 150)
  let α = { @Sendable (_: Int) in w(1e-3) }
  let inverseRoot = { @Sendable (t: Int) in w(1e-3) / T.sqrt(T(t)) }
  func power(_ α: T, _ s: Double) -> @Sendable (Int) -> T { { α / T.pow(T($0), w(s)) } }
  func nadam(_ change: (inout Reference.NadamOptions<T>) -> Void = { _ in }) -> Reference.Path<T> {
    var options = Reference.NadamOptions<T>(
      α: { _ in w(2e-3) }, β1: w(0.9), β2: w(0.999), ε: w(1e-8), ψ: w(0.004), isScheduled: true, hasScheduledMean: true,
      scales: true)
    change(&options)
    return Reference.nadam(options)
  }
  /// AdEMAMix's own formula for β₃.
  let halfLife = { @Sendable (t: Int) -> T in
    let (start, end, p) = (T.log(w(0.9)), T.log(w(0.9999)), T(t) / 100)
    return t >= 100 ? w(0.9999) : T.exp(start * end / ((1 - p) * end + p * start))
  }
  return [
    MethodCase("adamnc", equations: Reference.adamNC(α: inverseRoot, β1: { _ in w(0.9) })),
    MethodCase(
      "adamnc", ["lr": "0.01", "beta1": "exponential(0.8, factor=0.99)", "epsilon": "1e-6"],
      equations: Reference.adamNC(
        α: { _ in w(0.01) }, β1: { w(0.8) * T.pow(w(0.99), $0 - 1) }, ε: w(1e-6))),

    MethodCase(
      "genericadam",
      equations: Reference.genericAdam(
        α: inverseRoot, β: { _ in w(0.9) }, weight: power(w(0.9), 1), v0: w(1e-8))),
    MethodCase(
      "genericadam",
      [
        "lr": "inversepower(0.01, power=0.75)", "beta1": "inverse(0.5)",
        "beta2": "complement(inversepower(0.5, power=0.6))", "epsilon": "1e-3",
      ],
      equations: Reference.genericAdam(
        α: power(w(0.01), 0.75), β: { w(0.5) / T($0) }, weight: power(w(0.5), 0.6), v0: w(1e-3))),
    MethodCase(
      "genericadam", ["beta2": "0.999", "epsilon": "0"],
      equations: Reference.genericAdam(
        α: inverseRoot, β: { _ in w(0.9) }, weight: { _ in 1 - w(0.999) }, v0: 0)),

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

    MethodCase(
      "qhadam", equations: Reference.qhAdam(α: α, ν1: w(0.7), ν2: 1, β1: w(0.995), β2: w(0.999), ε: w(1e-8))),
    MethodCase(
      "qhadam", ["lr": cosine, "nu1": "0.8", "nu2": "0.6", "beta1": "0.9", "beta2": "0.99", "epsilon": "1e-6"],
      equations: Reference.qhAdam(α: cosineAt, ν1: w(0.8), ν2: w(0.6), β1: w(0.9), β2: w(0.99), ε: w(1e-6))),

    MethodCase("yogi", equations: Reference.yogi(α: w(0.01), β1: w(0.9), β2: w(0.999), ε: w(1e-3))),
    MethodCase(
      "yogi", ["startsFromGradient": "true", "lr": "1e-3", "beta1": "0.8", "beta2": "0.99", "epsilon": "1e-6"],
      equations: Reference.yogi(α: w(1e-3), β1: w(0.8), β2: w(0.99), ε: w(1e-6), fromGradient: true)),
    MethodCase(
      "yogi", ["initialSecondMoment": "1e-6", "biasCorrection": "true"],
      equations: Reference.yogi(α: w(0.01), β1: w(0.9), β2: w(0.999), ε: w(1e-3), v0: w(1e-6), corrects: true)),

    MethodCase(
      "adan", equations: Reference.adan(α: α, β1: w(0.98), β2: w(0.92), β3: w(0.99), ε: w(1e-8), corrects: false)),
    MethodCase(
      "adan", ["start": "corrected", "lr": "0.01"],
      equations: Reference.adan(
        α: { _ in w(0.01) }, β1: w(0.98), β2: w(0.92), β3: w(0.99), ε: w(1e-8), corrects: true)),
    MethodCase(
      "adan",
      ["weightDecay": "0.02", "lr": cosine, "beta1": "0.9", "beta2": "0.8", "beta3": "0.95", "epsilon": "1e-6"],
      dependsOnθ: true,
      equations: Reference.adan(
        α: cosineAt, β1: w(0.9), β2: w(0.8), β3: w(0.95), ε: w(1e-6), λ: w(0.02), corrects: false)),

    MethodCase(
      "ademamix",
      equations: Reference.adEMAMix(
        η: w(1e-3), β1: w(0.9), β2: w(0.999), β3: { _ in w(0.9999) }, α: { _ in 5 }, ε: w(1e-8))),
    MethodCase(
      "ademamix",
      [
        "lr": "0.01", "beta1": "0.8", "beta2": "0.99", "beta3": "shifted(halflife(0.9, to=0.9999, over=100), by=1)",
        "alpha": "warmup(100, 8)", "epsilon": "1e-6",
      ],
      equations: Reference.adEMAMix(
        η: w(0.01), β1: w(0.8), β2: w(0.99), β3: halfLife, α: { 8 * min(1, T($0) / 100) }, ε: w(1e-6))),

    MethodCase("adopt", equations: Reference.adopt(α: α, β1: w(0.9), β2: w(0.9999), ε: w(1e-6), clips: true)),
    MethodCase(
      "adopt", ["clips": "false", "lr": cosine, "beta1": "0.8", "beta2": "0.99", "epsilon": "1e-3"],
      equations: Reference.adopt(α: cosineAt, β1: w(0.8), β2: w(0.99), ε: w(1e-3), clips: false)),

    MethodCase("adamod", equations: Reference.adaMod(α: α, β1: w(0.9), β2: w(0.999), β3: w(0.999), ε: w(1e-8))),
    MethodCase(
      "adamod", ["form": "official", "lr": cosine, "beta1": "0.8", "beta2": "0.99", "beta3": "0.9", "epsilon": "1e-6"],
      equations: Reference.adaMod(
        α: cosineAt, β1: w(0.8), β2: w(0.99), β3: w(0.9), ε: w(1e-6), isOfficial: true)),
  ]
}
