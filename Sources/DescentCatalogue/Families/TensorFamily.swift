import Descent

extension Catalogue {
  /// Methods that see the norms and the shape of a parameter, or all parameters at once.
  static let tensorFamily: [Method] = [
    Method(
      tensor: Adafactor<Float>(), Adafactor<Double>(), paper: "Shazeer & Stern 2018, Algorithms 4 to 6", ulps: 8,
      peers: ["torch Adafactor", "optax adafactor"],
      "second moments by row and column, clipped steps relative to the parameter"),
    Method(
      tensor: AdaShift<Float>(), AdaShift<Double>(), paper: "Zhou et al. 2019, Algorithm 1", ulps: 26,
      "Adam with a second moment of gradients n steps old"),
    Method(
      tensor: LAMB<Float>(), LAMB<Double>(), paper: "You et al. 2020, Algorithm 2", ulps: 1,
      peers: ["optax lamb"],
      "Adam with steps in proportion to each parameter's norm"),
    Method(
      tensor: LARS<Float>(), LARS<Double>(), paper: "You, Gitman & Ginsburg 2017, Algorithm 1", ulps: 2,
      peers: ["optax lars"], "momentum with steps in proportion to each parameter's norm"),
    Method(
      tensor: NovoGrad<Float>(), NovoGrad<Double>(), paper: "Ginsburg et al. 2019, Algorithm 1", ulps: 20,
      peers: ["optax novograd"], "momentum on gradients divided by each parameter's norm"),
    Method(
      tensor: SM3<Float>(), SM3<Double>(), paper: "Anil et al. 2019, SM3-II", ulps: 8,
      peers: ["optax sm3"],
      "AdaGrad with an accumulator for each row and column"),
    Method(
      whole: AdaGradNorm<Float>(), AdaGradNorm<Double>(), paper: "Ward, Wu & Bottou 2019, Algorithm 1", ulps: 4,
      "one step size from the norms of all gradients"),
    Method(
      whole: DAdaptAdam<Float>(), DAdaptAdam<Double>(), paper: "Defazio & Mishchenko 2023, Algorithm 5", ulps: 1,
      peers: ["optax contrib.dadapt_adamw"],
      "Adam that estimates its step size"),
    Method(
      whole: DAdaptSGD<Float>(), DAdaptSGD<Double>(), paper: "Defazio & Mishchenko 2023, Algorithm 4", ulps: 1,
      "gradient descent that estimates its step size"),
    Method(
      whole: DelayedAdaGradNorm<Float>(), DelayedAdaGradNorm<Double>(), paper: "Li & Orabona 2019", ulps: 5,
      "one step size from the norms of all gradients before the present one"),
    Method(
      whole: FTRLMomentumNorm<Float>(), FTRLMomentumNorm<Double>(), paper: "X. Li, Liu & Orabona 2022, Algorithm 1",
      ulps: 1, "increasing momentum and shrinking updates with one adaptive step size"),
    Method(
      whole: Prodigy<Float>(), Prodigy<Double>(), paper: "Mishchenko & Defazio 2024, Algorithm 4", ulps: 10,
      peers: ["optax contrib.prodigy"], "Adam that estimates its step size, with faster growth"),
    Method(
      whole: SWATS<Float>(), SWATS<Double>(), paper: "Keskar & Socher 2017, Algorithm 1", ulps: 20,
      "Adam, then gradient descent with the step size that Adam's steps imply"),
  ]
}
