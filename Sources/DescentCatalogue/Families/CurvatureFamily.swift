import Descent

extension Catalogue {
  /// Methods that take the curvature from statistics of layers.
  static let curvatureFamily: [Method] = [
    Method(
      whole: AdaptiveKFAC<Float>(), AdaptiveKFAC<Double>(), paper: "Martens & Grosse 2015, Algorithm 2", ulps: .nan,
      "K-FAC that finds step size, momentum and damping from the exact Fisher information; for large batches"),
    Method(
      whole: EKFAC<Float>(), EKFAC<Double>(), paper: "George, Laurent, Bouthillier, Ballas & Vincent 2018", ulps: .nan,
      "K-FAC's eigenbasis with the exact second moments along it"),
    Method(
      whole: KFAC<Float>(), KFAC<Double>(), paper: "Martens & Grosse 2015; Grosse & Martens 2016", ulps: .nan,
      "natural gradient with Kronecker-factored curvature of layers"),
  ]
}
