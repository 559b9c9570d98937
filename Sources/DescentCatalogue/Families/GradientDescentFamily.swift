import Descent

extension Catalogue {
  /// Methods whose steps follow the gradient or its sign.
  static let gradientDescentFamily: [Method] = [
    Method(
      Momentum<Float>(), Momentum<Double>(), paper: "Polyak 1964", ulps: 16,
      "gradient descent with the heavy ball's momentum"),
    Method(
      Nesterov<Float>(), Nesterov<Double>(), paper: "Nesterov 1983; Sutskever et al. 2013", ulps: 16,
      "momentum with the gradient at the look-ahead"),
    Method(
      SGD<Float>(), SGD<Double>(), paper: "Robbins & Monro 1951", ulps: 4,
      "stochastic gradient descent"),
  ]
}
