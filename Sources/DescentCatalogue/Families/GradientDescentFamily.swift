import Descent

extension Catalogue {
  /// Methods whose steps follow the gradient or its sign.
  static let gradientDescentFamily: [Method] = [
    Method(
      Momentum<Float>(), Momentum<Double>(), traced: Momentum<Traced<Float>>(), Momentum<Traced<Double>>(),
      paper: "Polyak 1964", ulps: 16,
      peers: ["torch SGD", "optax sgd"],
      "gradient descent with the heavy ball's momentum"),
    Method(
      Nesterov<Float>(), Nesterov<Double>(), traced: Nesterov<Traced<Float>>(), Nesterov<Traced<Double>>(),
      paper: "Nesterov 1983; Sutskever et al. 2013", ulps: 16,
      peers: ["torch SGD", "optax sgd"],
      "momentum with the gradient at the look-ahead"),
    Method(
      SGD<Float>(), SGD<Double>(), traced: SGD<Traced<Float>>(), SGD<Traced<Double>>(),
      paper: "Robbins & Monro 1951", ulps: 4,
      peers: ["torch SGD", "optax sgd"],
      "stochastic gradient descent"),
    Method(
      ASGD<Float>(), ASGD<Double>(), traced: ASGD<Traced<Float>>(), ASGD<Traced<Double>>(),
      paper: "Polyak & Juditsky 1992; Bottou 2010", ulps: 6,
      peers: ["torch ASGD"],
      "gradient descent with a falling rate and an average of its iterates"),
    Method(
      FTRLMomentum<Float>(), FTRLMomentum<Double>(), traced: FTRLMomentum<Traced<Float>>(),
      FTRLMomentum<Traced<Double>>(),
      paper: "Li, Liu & Orabona 2022, Algorithm 1", ulps: 6,
      "growing momentum and a pull to the start, for the last iterate"),
    Method(
      Lion<Float>(), Lion<Double>(), traced: Lion<Traced<Float>>(), Lion<Traced<Double>>(),
      paper: "Chen et al. 2023, Algorithm 2", ulps: 2,
      peers: ["optax lion"],
      "the sign of an interpolated mean gradient"),
    Method(
      MADGRAD<Float>(), MADGRAD<Double>(), traced: MADGRAD<Traced<Float>>(), MADGRAD<Traced<Double>>(),
      paper: "Defazio & Jelassi 2021, Algorithm 1", ulps: 40,
      peers: ["optax contrib.madgrad"],
      "dual averaging with a cube root, with momentum"),
    Method(
      QHM<Float>(), QHM<Double>(), traced: QHM<Traced<Float>>(), QHM<Traced<Double>>(),
      paper: "Ma & Yarats 2019", ulps: 18,
      "an average of gradient descent and momentum"),
    Method(
      Rprop<Float>(), Rprop<Double>(), traced: Rprop<Traced<Float>>(), Rprop<Traced<Double>>(),
      paper: "Riedmiller & Braun 1993; Igel & Hüsken 2000", ulps: 40,
      peers: ["torch Rprop"],
      "step sizes that grow while the gradient keeps its sign"),
    Method(
      ScheduleFreeSGD<Float>(), ScheduleFreeSGD<Double>(), traced: ScheduleFreeSGD<Traced<Float>>(),
      ScheduleFreeSGD<Traced<Double>>(),
      paper: "Defazio et al. 2024", ulps: 16,
      peers: ["optax contrib.schedule_free_sgd"],
      "gradient descent with an average in place of a schedule"),
    Method(
      SGDW<Float>(), SGDW<Double>(), traced: SGDW<Traced<Float>>(), SGDW<Traced<Double>>(),
      paper: "Loshchilov & Hutter 2019, Algorithm 1", ulps: 24,
      "momentum with decoupled weight decay"),
    Method(
      SignSGD<Float>(), SignSGD<Double>(), traced: SignSGD<Traced<Float>>(), SignSGD<Traced<Double>>(),
      paper: "Bernstein et al. 2018, Algorithm 1", ulps: 2,
      peers: ["optax sign_sgd"],
      "the sign of the gradient"),
    Method(
      Signum<Float>(), Signum<Double>(), traced: Signum<Traced<Float>>(), Signum<Traced<Double>>(),
      paper: "Bernstein et al. 2018, Algorithm 2", ulps: 1,
      peers: ["optax signum"],
      "the sign of the mean gradient"),
  ]
}
