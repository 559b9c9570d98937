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

    MethodCase("nesterov", ["lr": cosine], equations: Reference.nesterov(α: cosineAt, μ: { _ in w(0.9) })),
    MethodCase(
      "nesterov", ["lr": "0.1", "momentum": "linear(0.5, to=0.95, over=100)"],
      equations: Reference.nesterov(α: { _ in w(0.1) }) { w(0.5) + (w(0.95) - w(0.5)) * min(1, T($0 - 1) / 100) }),
    MethodCase(
      "nesterov", ["lr": cosine, "ratePlacement": "outside"],
      equations: Reference.torchMomentum(α: cosineAt, μ: w(0.9), nesterov: true)),
  ]
}
