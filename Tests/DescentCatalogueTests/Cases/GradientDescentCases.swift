import RealModule

func gradientDescentCases<T: Real & BinaryFloatingPoint & Sendable>() -> [MethodCase<T>] {
  let w = { @Sendable (x: Double) in T(x) }
  let cosine = "cosine(0.1, to=0.01, over=150)"
  let cosineAt = Reference.cosine(from: w(0.1), to: w(0.01), over: 150)
  return [
    MethodCase("sgd", ["lr": "0.1"], equations: Reference.sgd { _ in w(0.1) }),
    MethodCase("sgd", ["lr": cosine], equations: Reference.sgd(α: cosineAt)),

    MethodCase("momentum", equations: Reference.momentum(α: { _ in w(0.01) }, μ: w(0.9))),
    MethodCase("momentum", ["lr": cosine, "momentum": "0.8"], equations: Reference.momentum(α: cosineAt, μ: w(0.8))),
    MethodCase(
      "momentum", ["lr": cosine, "dampening": "0.3", "ratePlacement": "outside"],
      equations: Reference.torchMomentum(α: cosineAt, μ: w(0.9), τ: w(0.3))),

    MethodCase(
      "momentum", ["lr": cosine, "dampening": "0.3"],
      equations: Reference.momentum(α: cosineAt, μ: w(0.9), τ: w(0.3))),

    MethodCase("nesterov", ["lr": cosine], equations: Reference.nesterov(α: cosineAt, μ: { _ in w(0.9) })),
    MethodCase(
      "nesterov", ["lr": "0.1", "momentum": "linear(0.5, to=0.95, over=100)"],
      equations: Reference.nesterov(α: { _ in w(0.1) }) { w(0.5) + (w(0.95) - w(0.5)) * min(1, T($0 - 1) / 100) }),
    MethodCase(
      "nesterov", ["lr": cosine, "ratePlacement": "outside"],
      equations: Reference.torchMomentum(α: cosineAt, μ: w(0.9), nesterov: true)),

    MethodCase(
      "sgdw", dependsOnθ: true,
      equations: Reference.sgdW(
        α: { _ in w(0.01) }, η: { _ in 1 }, μ: w(0.9), decay: { _ in w(1e-5) })),
    MethodCase(
      "sgdw",
      [
        "lr": cosine, "schedule": "linear(1, to=0.5, over=100)", "momentum": "0.8", "weightDecay": "0.01",
        "decayCoupling": "independent",
      ],
      dependsOnθ: true,
      equations: Reference.sgdW(
        α: cosineAt, η: { 1 - w(0.5) * min(1, T($0 - 1) / 100) }, μ: w(0.8), decay: { _ in w(0.01) })),
    MethodCase(
      "sgdw", ["lr": cosine, "weightDecay": "0.1", "decayCoupling": "learningRate"], dependsOnθ: true,
      equations: Reference.sgdW(α: cosineAt, η: { _ in 1 }, μ: w(0.9), decay: { cosineAt($0) * w(0.1) })),

    MethodCase("signsgd", ["lr": cosine], equations: Reference.signum(α: cosineAt, β: 0)),
    MethodCase(
      "signsgd", ["zeroSign": "positive"], dependsOnθ: true,
      equations: Reference.signum(α: { _ in w(1e-4) }, β: 0, ofZero: 1)),
    MethodCase("signum", equations: Reference.signum(α: { _ in w(1e-4) }, β: w(0.9))),
    MethodCase(
      "signum", ["lr": cosine, "beta": "0.6", "zeroSign": "positive"], dependsOnθ: true,
      equations: Reference.signum(α: cosineAt, β: w(0.6), ofZero: 1)),
    MethodCase("lion", equations: Reference.lion(α: { _ in w(1e-4) }, β1: w(0.9), β2: w(0.99))),
    MethodCase(
      "lion", ["lr": cosine, "beta1": "0.95", "beta2": "0.98"],
      equations: Reference.lion(α: cosineAt, β1: w(0.95), β2: w(0.98))),

    MethodCase("qhm", equations: Reference.qhm(α: { _ in w(0.1) }, β: w(0.999), ν: w(0.7))),
    MethodCase(
      "qhm", ["lr": cosine, "beta": "0.9", "nu": "1"], equations: Reference.qhm(α: cosineAt, β: w(0.9), ν: 1)),

    MethodCase("asgd", dependsOnθ: true, equations: Reference.asgd(α: w(0.01), λ: w(1e-4), power: w(0.75))),
    MethodCase(
      "asgd", ["lr": "0.1", "lambda": "0.01", "power": "1", "averageAfter": "10"], dependsOnθ: true,
      equations: Reference.asgd(α: w(0.1), λ: w(0.01), power: 1)),

    MethodCase(
      "ftrlmomentum", dependsOnθ: true,
      equations: Reference.ftrlMomentum(γ: { w(0.1) / T.sqrt(T($0)) }, weight: { _ in 1 })),
    MethodCase(
      "ftrlmomentum", ["lr": "0.01", "weight": "linear(1, to=3, over=100)"], dependsOnθ: true,
      equations: Reference.ftrlMomentum(γ: { _ in w(0.01) }, weight: { 1 + 2 * min(1, T($0 - 1) / 100) })),
    MethodCase(
      "ftrlmomentum", ["lr": "0.1", "weight": "2", "adaptive": "true"], dependsOnθ: true,
      equations: Reference.ftrlMomentum(γ: { _ in w(0.1) }, weight: { _ in 2 }, adaptive: true)),
    MethodCase(
      "ftrlmomentum",
      ["lr": "0.1", "weight": "linear(1, to=3, over=100)", "adaptive": "true", "initialAccumulator": "0.5"],
      dependsOnθ: true,
      equations: Reference.ftrlMomentum(
        γ: { _ in w(0.1) }, weight: { 1 + 2 * min(1, T($0 - 1) / 100) }, adaptive: true, b: w(0.5))),

    MethodCase("madgrad", dependsOnθ: true, equations: Reference.madgrad(α: { _ in w(0.01) }, μ: w(0.9), ε: w(1e-6))),
    MethodCase(
      "madgrad", ["lr": cosine, "momentum": "0.5", "epsilon": "0"], dependsOnθ: true,
      equations: Reference.madgrad(α: cosineAt, μ: w(0.5), ε: 0)),

    MethodCase(
      "rprop",
      equations: Reference.rprop(
        α: { _ in w(0.01) }, increase: w(1.2), decrease: w(0.5), smallest: w(1e-6), largest: 50)),
    MethodCase(
      "rprop",
      ["lr": cosine, "increase": "1.1", "decrease": "0.6", "smallestStep": "0.001", "largestStep": "0.25"],
      equations: Reference.rprop(
        α: cosineAt, increase: w(1.1), decrease: w(0.6), smallest: w(0.001), largest: w(0.25))),
    MethodCase(
      "rprop", ["lr": "warmup(20, 0.01)"],
      equations: Reference.rprop(
        α: { w(0.01) * min(1, T($0) / 20) }, base: w(0.01), increase: w(1.2), decrease: w(0.5), smallest: w(1e-6),
        largest: 50)),

    MethodCase(
      "schedulefreesgd", dependsOnθ: true,
      equations: Reference.scheduleFreeSGD(.init(α: { _ in 1 }, β: w(0.9)))),
    MethodCase(
      "schedulefreesgd", ["lr": "warmup(20, 0.5)", "beta": "0.8", "weightDecay": "0.01", "timePower": "1"],
      dependsOnθ: true,
      equations: Reference.scheduleFreeSGD(
        .init(α: { w(0.5) * min(1, T($0) / 20) }, β: w(0.8), λ: w(0.01), r: 1))),
    MethodCase(
      "schedulefreesgd",
      ["lr": cosine, "beta": "0", "weightDecay": "0.01", "decayPoint": "z", "ratePower": "1"], dependsOnθ: true,
      equations: Reference.scheduleFreeSGD(.init(α: cosineAt, β: 0, λ: w(0.01), decaysZ: true, ratePower: 1))),
  ]
}
