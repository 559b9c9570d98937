import Descent

extension Catalogue {
  /// Adam and its descendants.
  static let adamFamily: [Method] = [
    Method(
      Adam<Float>(), Adam<Double>(), paper: "Kingma & Ba 2015, Algorithm 1", ulps: 24,
      "adaptive moment estimation"),
    Method(
      AdaMax<Float>(), AdaMax<Double>(), paper: "Kingma & Ba 2015, Algorithm 2", ulps: 16,
      "Adam in the infinity norm"),
    Method(
      AdamW<Float>(), AdamW<Double>(), paper: "Loshchilov & Hutter 2019, Algorithm 2", ulps: 24,
      "Adam with decoupled weight decay"),
    Method(
      AMSGrad<Float>(), AMSGrad<Double>(), paper: "Reddi, Kale & Kumar 2018, Algorithm 2", ulps: 24,
      "Adam with the largest second moment so far: converges where Adam does not"),
  ]
}
