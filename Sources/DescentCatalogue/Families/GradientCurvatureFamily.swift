import Descent

extension Catalogue {
  /// Methods with a curvature from gradients with drawn labels.
  static let gradientCurvatureFamily: [Method] = [
    Method(
      whole: MiniBlockFisher<Float>(), MiniBlockFisher<Double>(), paper: "Bahamou, Goldfarb & Ren 2022", ulps: .nan,
      "momentum times the inverse of a Fisher matrix in small blocks"),
    Method(
      whole: TNT<Float>(), TNT<Double>(), paper: "Ren & Goldfarb 2021", ulps: .nan,
      "momentum times the inverse covariance of each side of the gradients"),
  ]
}
