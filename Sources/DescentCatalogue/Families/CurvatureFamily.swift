import Descent

extension Catalogue {
  /// Methods that take the curvature from layers or products.
  static let curvatureFamily: [Method] = [
    Method(
      whole: KFAC<Float>(), KFAC<Double>(), paper: "Martens & Grosse 2015; Grosse & Martens 2016", ulps: .nan,
      peers: [], "natural gradient with Kronecker-factored curvature of layers"),
    Method(
      whole: KBFGS<Float>(), KBFGS<Double>(), paper: "Goldfarb, Ren & Bahamou 2020", ulps: .nan, peers: [],
      "Kronecker-factored quasi-Newton steps of layers, without inverses"),
    Method(
      whole: KBFGSL<Float>(), KBFGSL<Double>(), paper: "Goldfarb, Ren & Bahamou 2020", ulps: .nan, peers: [],
      "K-BFGS with limited memory for the outputs' curvature"),
  ]
}
