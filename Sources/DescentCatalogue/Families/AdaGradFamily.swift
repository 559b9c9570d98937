import Descent

extension Catalogue {
  /// Methods that divide by the root of squared gradients.
  static let adaGradFamily: [Method] = [
    Method(
      AdaDelta<Float>(), AdaDelta<Double>(), paper: "Zeiler 2012, Algorithm 1", ulps: 80,
      "steps from the ratio of recent updates to recent gradients; no learning rate"),
    Method(
      AdaGrad<Float>(), AdaGrad<Double>(), paper: "Duchi, Hazan & Singer 2011", ulps: 64,
      "divides by the root of the sum of all squared gradients"),
    Method(
      RMSProp<Float>(), RMSProp<Double>(), paper: "Tieleman & Hinton 2012, lecture 6e", ulps: 48,
      "divides by the root of recent squared gradients"),
  ]
}
