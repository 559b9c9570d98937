import Descent

extension Catalogue {
  /// Methods with curvature: from statistics of layers, or from gradients with drawn labels.
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
    Method(
      whole: MiniBlockFisher<Float>(), MiniBlockFisher<Double>(), paper: "Bahamou, Goldfarb & Ren 2022", ulps: .nan,
      "momentum times the inverse of a Fisher matrix in small blocks"),
    Method(
      whole: TNT<Float>(), TNT<Double>(), paper: "Ren & Goldfarb 2021", ulps: .nan,
      "momentum times the inverse covariance of each side of the gradients"),
  ]
}
