import Descent

extension Catalogue {
  /// Adam and its descendants.
  static let adamFamily: [Method] = [
    Method(
      Adam<Float>(), Adam<Double>(), traced: Adam<Traced<Float>>(), Adam<Traced<Double>>(),
      paper: "Kingma & Ba 2015, Algorithm 1", ulps: 24,
      peers: ["torch Adam", "optax adam"],
      "adaptive moment estimation"),
    Method(
      AdaMax<Float>(), AdaMax<Double>(), traced: AdaMax<Traced<Float>>(), AdaMax<Traced<Double>>(),
      paper: "Kingma & Ba 2015, Algorithm 2", ulps: 16,
      peers: ["torch Adamax", "optax adamax", "optax adamaxw"],
      "Adam in the infinity norm"),
    Method(
      AdamW<Float>(), AdamW<Double>(), traced: AdamW<Traced<Float>>(), AdamW<Traced<Double>>(),
      paper: "Loshchilov & Hutter 2019, Algorithm 2", ulps: 24,
      peers: ["torch AdamW", "optax adamw"],
      "Adam with decoupled weight decay"),
    Method(
      AMSGrad<Float>(), AMSGrad<Double>(), traced: AMSGrad<Traced<Float>>(), AMSGrad<Traced<Double>>(),
      paper: "Reddi, Kale & Kumar 2018, Algorithm 2", ulps: 24,
      peers: ["torch Adam", "optax amsgrad"],
      "Adam with the largest second moment so far: converges where Adam does not"),
    Method(
      ACProp<Float>(), ACProp<Double>(), traced: ACProp<Traced<Float>>(), ACProp<Traced<Double>>(),
      paper: "Zhuang et al. 2021, Algorithm 2", ulps: 104,
      "the gradient over the root of its variance up to the step before"),
    Method(
      AdaBelief<Float>(), AdaBelief<Double>(), traced: AdaBelief<Traced<Float>>(), AdaBelief<Traced<Double>>(),
      paper: "Zhuang et al. 2020, Algorithm 2", ulps: 112,
      peers: ["optax adabelief"],
      "steps by the belief in the gradient: its distance from its mean"),
    Method(
      AdaBeliefInject<Float>(), AdaBeliefInject<Double>(), traced: AdaBeliefInject<Traced<Float>>(),
      AdaBeliefInject<Traced<Double>>(),
      paper: "Dubey et al. 2021", ulps: 48,
      "AdaBelief with the second moment injected into the first"),
    // Alternating gradients: θ swings by a step about its start, and the rounding errors of m at every step add up in
    // it.
    Method(
      AdaMod<Float>(), AdaMod<Double>(), traced: AdaMod<Traced<Float>>(), AdaMod<Traced<Double>>(),
      paper: "Ding et al. 2019, Algorithm 1", ulps: 280,
      "Adam with step sizes bounded by their own mean"),
    Method(
      AdEMAMix<Float>(), AdEMAMix<Double>(), traced: AdEMAMix<Traced<Float>>(), AdEMAMix<Traced<Double>>(),
      paper: "Pagliardini, Ablin & Grangier 2024, Algorithm 1", ulps: 52,
      peers: ["optax contrib.ademamix"],
      "Adam with a second, much slower mean gradient"),
    Method(
      AdamInject<Float>(), AdamInject<Double>(), traced: AdamInject<Traced<Float>>(), AdamInject<Traced<Double>>(),
      paper: "Dubey et al. 2021", ulps: 24,
      "Adam with the second moment injected into the first"),
    Method(
      AdamNC<Float>(), AdamNC<Double>(), traced: AdamNC<Traced<Float>>(), AdamNC<Traced<Double>>(),
      paper: "Reddi, Kale & Kumar 2018, Algorithm 3", ulps: 12,
      "Adam with the mean of all squared gradients"),
    Method(
      Adan<Float>(), Adan<Double>(), traced: Adan<Traced<Float>>(), Adan<Traced<Double>>(),
      paper: "Xie et al. 2022, Algorithm 1", ulps: 56,
      "adaptive Nesterov momentum from the gradients' differences"),
    Method(
      ADOPT<Float>(), ADOPT<Double>(), traced: ADOPT<Traced<Float>>(), ADOPT<Traced<Double>>(),
      paper: "Taniguchi et al. 2024, Algorithm 2", ulps: 24,
      peers: ["optax contrib.adopt"],
      "Adam that divides before the momentum, by the second moment of the step before"),
    Method(
      DiffGrad<Float>(), DiffGrad<Double>(), traced: DiffGrad<Traced<Float>>(), DiffGrad<Traced<Double>>(),
      paper: "Dubey et al. 2019", ulps: 28,
      "Adam slowed where the gradient changes little"),
    Method(
      DiffGradInject<Float>(), DiffGradInject<Double>(), traced: DiffGradInject<Traced<Float>>(),
      DiffGradInject<Traced<Double>>(),
      paper: "Dubey et al. 2021", ulps: 24,
      "diffGrad with the second moment injected into the first"),
    Method(
      GenericAdam<Float>(), GenericAdam<Double>(), traced: GenericAdam<Traced<Float>>(), GenericAdam<Traced<Double>>(),
      paper: "Zou et al. 2019, Algorithm 1", ulps: 16,
      "Adam with any sequences of step sizes and decays"),
    Method(
      Nadam<Float>(), Nadam<Double>(), traced: Nadam<Traced<Float>>(), Nadam<Traced<Double>>(),
      paper: "Dozat 2016, Algorithm 2", ulps: 36,
      peers: ["torch NAdam", "optax adam", "optax nadam", "optax nadamw"],
      "Adam with Nesterov's momentum"),
    Method(
      QHAdam<Float>(), QHAdam<Double>(), traced: QHAdam<Traced<Float>>(), QHAdam<Traced<Double>>(),
      paper: "Ma & Yarats 2019, section 4.4", ulps: 42,
      "Adam with quasi-hyperbolic moments"),
    Method(
      RAdam<Float>(), RAdam<Double>(), traced: RAdam<Traced<Float>>(), RAdam<Traced<Double>>(),
      paper: "Liu et al. 2020, Algorithm 2", ulps: 72,
      peers: ["torch RAdam", "optax radam"],
      "Adam with the variance of its first steps rectified"),
    // Alternating gradients: θ swings by a step about its start, and the rounding errors of m at every step add up in
    // it.
    Method(
      RAdamInject<Float>(), RAdamInject<Double>(), traced: RAdamInject<Traced<Float>>(), RAdamInject<Traced<Double>>(),
      paper: "Dubey et al. 2021", ulps: 512,
      "RAdam with the second moment injected into the first"),
    Method(
      Yogi<Float>(), Yogi<Double>(), traced: Yogi<Traced<Float>>(), Yogi<Traced<Double>>(),
      paper: "Zaheer et al. 2018, Algorithm 2", ulps: 36,
      peers: ["optax scale_by_yogi"],
      "Adam whose second moment changes slowly both ways"),
    Method(
      AdaBound<Float>(), AdaBound<Double>(), traced: AdaBound<Traced<Float>>(), AdaBound<Traced<Double>>(),
      paper: "Luo et al. 2019, Algorithm 2", ulps: 24,
      "Adam whose step sizes are clipped to bounds that close in on one value"),
    Method(
      AMSBound<Float>(), AMSBound<Double>(), traced: AMSBound<Traced<Float>>(), AMSBound<Traced<Double>>(),
      paper: "Luo et al. 2019, Algorithm 3", ulps: 24,
      "AdaBound with the largest second moment so far"),
    Method(
      Padam<Float>(), Padam<Double>(), traced: Padam<Traced<Float>>(), Padam<Traced<Double>>(),
      paper: "Chen et al. 2020, Algorithm 1", ulps: 24,
      "AMSGrad with a smaller power of the second moment"),
    Method(
      // In Double the correction of v is rounded after the root, which does not halve its error any more: 142 units after
      // 200 alternating gradients, where θ stays near 0.
      ScheduleFreeAdamW<Float>(), ScheduleFreeAdamW<Double>(), traced: ScheduleFreeAdamW<Traced<Float>>(),
      ScheduleFreeAdamW<Traced<Double>>(),
      paper: "Defazio et al. 2024, Algorithm 1", ulps: 40,
      ulpsInDouble: 160, peers: ["optax contrib.schedule_free_adamw"],
      "AdamW with an average in place of a schedule"),
  ]
}
