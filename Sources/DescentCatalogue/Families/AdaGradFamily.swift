import Descent

extension Catalogue {
  /// Methods that divide by the root of squared gradients.
  static let adaGradFamily: [Method] = [
    Method(
      AdaDelta<Float>(), AdaDelta<Double>(), traced: AdaDelta<Traced<Float>>(), AdaDelta<Traced<Double>>(),
      paper: "Zeiler 2012, Algorithm 1", ulps: 80,
      peers: ["torch Adadelta", "optax adadelta"],
      "steps from the ratio of recent updates to recent gradients; no learning rate"),
    Method(
      AdaGrad<Float>(), AdaGrad<Double>(), traced: AdaGrad<Traced<Float>>(), AdaGrad<Traced<Double>>(),
      paper: "Duchi, Hazan & Singer 2011", ulps: 64,
      peers: ["torch Adagrad", "optax adagrad"],
      "divides by the root of the sum of all squared gradients"),
    Method(
      RMSProp<Float>(), RMSProp<Double>(), traced: RMSProp<Traced<Float>>(), RMSProp<Traced<Double>>(),
      paper: "Tieleman & Hinton 2012, lecture 6e", ulps: 48,
      peers: ["torch RMSprop", "optax rmsprop"],
      "divides by the root of recent squared gradients"),
    Method(
      BeckerLeCun<Float>(), BeckerLeCun<Double>(), traced: BeckerLeCun<Traced<Float>>(), BeckerLeCun<Traced<Double>>(),
      paper: "Becker & LeCun 1988", ulps: 4,
      "divides by the diagonal of the curvature"),
    Method(
      CenteredRMSProp<Float>(), CenteredRMSProp<Double>(), traced: CenteredRMSProp<Traced<Float>>(),
      CenteredRMSProp<Traced<Double>>(),
      paper: "Graves 2013", ulps: 40,
      peers: ["torch RMSprop", "optax rmsprop"],
      "divides by the gradient's standard deviation, with momentum"),
    Method(
      DelayedAdaGrad<Float>(), DelayedAdaGrad<Double>(), traced: DelayedAdaGrad<Traced<Float>>(),
      DelayedAdaGrad<Traced<Double>>(),
      paper: "Li & Orabona 2019; 2020", ulps: 16,
      "AdaGrad with step sizes that do not depend on the present gradient"),
    Method(
      RMSPropMomentum<Float>(), RMSPropMomentum<Double>(), traced: RMSPropMomentum<Traced<Float>>(),
      RMSPropMomentum<Traced<Double>>(),
      paper: "Tieleman & Hinton 2012; TensorFlow", ulps: 90,
      peers: ["torch RMSprop", "optax rmsprop"],
      "RMSProp with momentum"),
    Method(
      Schaul<Float>(), Schaul<Double>(), traced: Schaul<Traced<Float>>(), Schaul<Traced<Double>>(),
      paper: "Zeiler 2012, equation 7", ulps: 30,
      "Newton's step times how far recent gradients agree"),
    Method(
      VSGD<Float>(), VSGD<Double>(), traced: VSGD<Traced<Float>>(), VSGD<Traced<Double>>(),
      paper: "Schaul, Zhang & LeCun 2013, Algorithm 1", ulps: 420,
      "step sizes from the gradients' variance, with a memory that adapts"),
  ]
}
