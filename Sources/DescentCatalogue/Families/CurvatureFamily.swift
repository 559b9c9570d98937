import Descent

extension Catalogue {
  /// Methods that take the curvature from layers or products.
  static let curvatureFamily: [Method] = [
    Method(
      whole: KFAC<Float>(), KFAC<Double>(), paper: "Martens & Grosse 2015; Grosse & Martens 2016", ulps: .nan,
      peers: [], "natural gradient with Kronecker-factored curvature of layers"),
    Method(
      whole: NaturalNewton<Float>(), NaturalNewton<Double>(), paper: "Le Roux & Fitzgibbon 2010", ulps: .nan,
      peers: [], "diagonal Newton steps, shortened where they disagree"),
  ]
}
