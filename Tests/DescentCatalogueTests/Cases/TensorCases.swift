import RealModule

func tensorCases<T: Real & BinaryFloatingPoint & Sendable>() -> [MethodCase<T>] {
  layerCases() + secondMomentCases() + globalNormCases() + distanceCases()
}

/// LARS, LAMB, NovoGrad.
private func layerCases<T: Real & BinaryFloatingPoint & Sendable>() -> [MethodCase<T>] {
  let w = { @Sendable (x: Double) in T(x) }
  return [
    MethodCase(
      "lars", dependsOnθ: true, model: TensorReference.lars(α: 1, η: w(0.001), μ: w(0.9))),
    MethodCase(
      "lars", ["learningRate": "100", "weightDecay": "0.01", "momentum": "0.5"], dependsOnθ: true,
      model: TensorReference.lars(α: 100, η: w(0.001), μ: w(0.5), λ: w(0.01))),
    MethodCase(
      "lars", ["trustCoefficient": "0.005", "weightDecay": "0.01", "denominator": "normOfSum", "epsilon": "1e-3"],
      dependsOnθ: true, steps: 60,
      model: TensorReference.lars(α: 1, η: w(0.005), μ: w(0.9), λ: w(0.01), ε: w(1e-3), normOfSum: true)),
    MethodCase(
      "lars", ["learningRate": "0.01", "minimumRank": "2"], dependsOnθ: true,
      model: TensorReference.lars(α: w(0.01), η: w(0.001), μ: w(0.9), minimumRank: 2)),

    MethodCase(
      "lamb", dependsOnθ: true,
      model: TensorReference.lamb(α: w(0.001), β1: w(0.9), β2: w(0.999), ε: w(1e-6))),
    MethodCase(
      "lamb", ["learningRate": "0.3", "weightDecay": "0.01", "normBound": "0.5", "eps": "0"], dependsOnθ: true,
      model: TensorReference.lamb(α: w(0.3), β1: w(0.9), β2: w(0.999), ε: 0, λ: w(0.01), bound: w(0.5))),
    MethodCase(
      "lamb", ["learningRate": "0.1", "biasCorrection": "false", "minimumRank": "1", "beta1": "0.5", "beta2": "0.9"],
      dependsOnθ: true,
      model: TensorReference.lamb(
        α: w(0.1), β1: w(0.5), β2: w(0.9), ε: w(1e-6), corrects: false, minimumRank: 1)),

    MethodCase(
      "novograd", dependsOnθ: false,
      model: TensorReference.novoGrad(α: w(0.01), β1: w(0.95), β2: w(0.98), ε: w(1e-8))),
    MethodCase(
      "novograd", ["beta1": "0.9", "beta2": "0.25", "epsilon": "1e-6"], dependsOnθ: false,
      model: TensorReference.novoGrad(α: w(0.01), β1: w(0.9), β2: w(0.25), ε: w(1e-6))),
    MethodCase(
      "novograd", ["learningRate": "0.1", "weightDecay": "0.01", "gradientAveraging": "true", "eps": "0"],
      dependsOnθ: true,
      model: TensorReference.novoGrad(
        α: w(0.1), β1: w(0.95), β2: w(0.98), ε: 0, λ: w(0.01), averages: true)),
  ]
}

/// SM3, AdaShift, Adafactor.
private func secondMomentCases<T: Real & BinaryFloatingPoint & Sendable>() -> [MethodCase<T>] {
  let w = { @Sendable (x: Double) in T(x) }
  func adafactor(_ change: (inout TensorReference.AdafactorOptions<T>) -> Void = { _ in }) -> TensorReference.Model<T> {
    var options = TensorReference.AdafactorOptions<T>(
      α: { _ in w(0.01) }, exponent: w(0.8), ε1: w(1e-30), ε2: w(1e-3))
    change(&options)
    return TensorReference.adafactor(options)
  }
  return [
    MethodCase("sm3", dependsOnθ: false, model: TensorReference.sm3(α: w(0.1), β: w(0.9))),
    MethodCase(
      "sm3", ["learningRate": "0.5", "momentum": "0", "epsilonRoot": "1e-8"], dependsOnθ: false,
      model: TensorReference.sm3(α: w(0.5), ε: w(1e-8))),
    MethodCase(
      "sm3", ["variant": "I", "momentum": "0.5"], dependsOnθ: false,
      model: TensorReference.sm3(α: w(0.1), β: w(0.5), isFirst: true)),

    MethodCase(
      "adashift", dependsOnθ: false,
      model: TensorReference.adaShift(α: w(0.01), n: 10, β1: w(0.9), β2: w(0.999), ε: w(1e-8)) { squares in
        squares.map { _ in squares.max()! }
      }),
    MethodCase(
      "adashift", ["keep": "3", "spatial": "mean", "beta2": "0.9", "learningRate": "0.1"], dependsOnθ: false,
      model: TensorReference.adaShift(α: w(0.1), n: 3, β1: w(0.9), β2: w(0.9), ε: w(1e-8)) { squares in
        squares.map { _ in squares.reduce(0, +) / T(squares.count) }
      }),
    MethodCase(
      "adashift", ["keep": "1", "spatial": "identity", "beta1": "0", "epsilon": "0"], dependsOnθ: false,
      model: TensorReference.adaShift(α: w(0.01), n: 1, β1: 0, β2: w(0.999), ε: 0) { $0 }),
    MethodCase(
      "adashift", ["keep": "4", "spatial": "identity", "beta1": "1", "eps": "1e-3"], dependsOnθ: false,
      model: TensorReference.adaShift(α: w(0.01), n: 4, β1: 1, β2: w(0.999), ε: w(1e-3)) { $0 }),

    MethodCase("adafactor", dependsOnθ: true, model: adafactor()),
    MethodCase("adafactor", ["parameterScale": "false"], dependsOnθ: false, model: adafactor { $0.isScaled = false }),
    MethodCase(
      "adafactor",
      [
        "parameterScale": "false", "relativeStep": "false", "learningRate": "linear(0.1, to=0.01, over=100)",
        "momentum": "0.9", "decayExponent": "0.5", "clipThreshold": "0",
      ], dependsOnθ: false,
      model: adafactor {
        $0.isScaled = false
        $0.isRelative = false
        $0.α = { w(0.1) - (w(0.1) - w(0.01)) * min(1, T($0 - 1) / 100) }
        $0.β1 = w(0.9)
        $0.exponent = w(0.5)
        $0.d = nil
      }),
    MethodCase(
      "adafactor", ["epsilonForm": "floor", "epsilon1": "1e-3", "epsilon2": "0.5", "clipThreshold": "0.3"],
      dependsOnθ: true,
      model: adafactor {
        $0.isFloor = true
        $0.ε1 = w(1e-3)
        $0.ε2 = w(0.5)
        $0.d = w(0.3)
      }),
    MethodCase(
      "adafactor", ["factored": "largest", "minimumDimension": "4", "parameterScale": "false"], dependsOnθ: false,
      model: adafactor {
        $0.isScaled = false
        // None of the shapes checked here has two extents of at least 4.
        $0.axes = { _ in nil }
      }),
    MethodCase(
      "adafactor", ["factored": "none", "epsilonForm": "floor", "epsilon1": "1e-3", "parameterScale": "false"],
      dependsOnθ: false,
      model: adafactor {
        $0.isScaled = false
        $0.isFloor = true
        $0.ε1 = w(1e-3)
        $0.axes = { _ in nil }
      }),
    MethodCase(
      "adafactor", ["learningRate": "warmup(10000, 0.01)", "epsilon1": "0"], dependsOnθ: true,
      model: adafactor {
        $0.α = { w(0.01) * T($0) / 10_000 }
        $0.ε1 = 0
      }),
  ]
}

/// AdaGradNorm, DelayedAdaGradNorm, FTRLMomentumNorm, SWATS.
private func globalNormCases<T: Real & BinaryFloatingPoint & Sendable>() -> [MethodCase<T>] {
  let w = { @Sendable (x: Double) in T(x) }
  return [
    MethodCase("adagradnorm", dependsOnθ: false, model: VectorReference.adaGradNorm(α: 1, b0: w(0.1))),
    MethodCase(
      "adagradnorm", ["learningRate": "0.3", "initialNorm": "0"], dependsOnθ: false,
      model: VectorReference.adaGradNorm(α: w(0.3), b0: 0)),

    MethodCase(
      "delayedadagradnorm", dependsOnθ: false,
      model: VectorReference.delayedAdaGradNorm(α: w(0.1), β: 1, ε: 0, μ: { _ in 0 })),
    MethodCase(
      "delayedadagradnorm", ["learningRate": "0.5", "beta": "3", "exponentOffset": "0.2", "momentum": "0.9"],
      dependsOnθ: false,
      model: VectorReference.delayedAdaGradNorm(α: w(0.5), β: 3, ε: w(0.2), μ: { _ in w(0.9) })),

    MethodCase(
      "ftrlmomentumnorm", dependsOnθ: true,
      model: VectorReference.ftrlMomentumNorm(c: w(0.1), b: 0, weight: { _ in 1 })),
    MethodCase(
      "ftrlmomentumnorm", ["learningRate": "2", "initialAccumulator": "0.5", "weight": "linear(1, to=3, over=100)"],
      dependsOnθ: true,
      model: VectorReference.ftrlMomentumNorm(c: 2, b: w(0.5), weight: { 1 + 2 * min(1, T($0 - 1) / 100) })),

    // The first never leaves Adam's phase; the others do, at different steps of each sequence.
    MethodCase(
      "swats", dependsOnθ: false,
      model: VectorReference.swats(α: w(0.001), β1: w(0.9), β2: w(0.999), ε: w(1e-9), tolerance: w(1e-9))),
    MethodCase(
      "swats", ["tolerance": "1e-4"], dependsOnθ: false,
      model: VectorReference.swats(α: w(0.001), β1: w(0.9), β2: w(0.999), ε: w(1e-9), tolerance: w(1e-4))),
    MethodCase(
      "swats", ["learningRate": "0.01", "beta1": "0.5", "beta2": "0.9", "epsilon": "1e-3", "tolerance": "0.01"],
      dependsOnθ: false,
      model: VectorReference.swats(α: w(0.01), β1: w(0.5), β2: w(0.9), ε: w(1e-3), tolerance: w(0.01))),
  ]
}

/// Prodigy, DAdaptAdam, DAdaptSGD. If there is no minimum, as with a constant gradient, d and its rounding errors grow
/// without bound, so these cases take few steps.
private func distanceCases<T: Real & BinaryFloatingPoint & Sendable>() -> [MethodCase<T>] {
  let w = { @Sendable (x: Double) in T(x) }
  func options(
    _ change: (inout VectorReference.DistanceOptions<T>) -> Void = { _ in }
  ) -> VectorReference.DistanceOptions<T> {
    var options = VectorReference.DistanceOptions<T>(β1: w(0.9), β2: w(0.999), ε: w(1e-8), d0: w(1e-6))
    change(&options)
    return options
  }
  return [
    MethodCase("prodigy", dependsOnθ: true, steps: 40, model: VectorReference.prodigy(options())),
    MethodCase(
      "prodigy",
      [
        "learningRate": "linear(0.5, to=1, over=50)", "beta3": "0.9", "growthRate": "1.2", "weightDecay": "0.1",
        "biasCorrection": "true", "initialDistance": "0.1",
      ], dependsOnθ: true, steps: 40,
      model: VectorReference.prodigy(
        options {
          $0.α = { w(0.5) + w(0.5) * min(1, T($0 - 1) / 50) }
          $0.β3 = w(0.9)
          $0.growth = w(1.2)
          $0.λ = w(0.1)
          $0.corrects = true
          $0.d0 = w(0.1)
        })),
    MethodCase(
      "prodigy",
      [
        "learningRate": "0.5", "beta1": "0.5", "beta2": "0.99", "eps": "1e-4", "distanceFactor": "0.5",
        "safeguardWarmup": "true", "initialDistance": "0.1",
      ],
      dependsOnθ: true, steps: 40,
      model: VectorReference.prodigy(
        options {
          $0.α = { _ in w(0.5) }
          $0.β1 = w(0.5)
          $0.β2 = w(0.99)
          $0.ε = w(1e-4)
          $0.c = w(0.5)
          $0.d0 = w(0.1)
          $0.safeguards = true
        })),

    MethodCase("dadaptadam", dependsOnθ: true, steps: 60, model: VectorReference.dAdaptAdam(options())),
    MethodCase(
      "dadaptadam",
      [
        "learningRate": "0.5", "beta1": "0.5", "beta2": "0.99", "eps": "1e-4", "initialDistance": "0.1",
        "growthRate": "1.1", "weightDecay": "0.1", "biasCorrection": "true",
      ], dependsOnθ: true, steps: 60,
      model: VectorReference.dAdaptAdam(
        options {
          $0.α = { _ in w(0.5) }
          $0.β1 = w(0.5)
          $0.β2 = w(0.99)
          $0.ε = w(1e-4)
          $0.d0 = w(0.1)
          $0.growth = w(1.1)
          $0.λ = w(0.1)
          $0.corrects = true
        })),

    MethodCase(
      "dadaptsgd", dependsOnθ: true, steps: 60, model: VectorReference.dAdaptSGD(α: 1, β: 0, d0: w(1e-6))),
    MethodCase(
      "dadaptsgd", ["learningRate": "0.5", "momentum": "0.9", "initialDistance": "0.1", "growthRate": "1.05"],
      dependsOnθ: true,
      model: VectorReference.dAdaptSGD(α: w(0.5), β: w(0.9), d0: w(0.1), growth: w(1.05))),
  ]
}
