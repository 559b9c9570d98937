import Descent

extension Catalogue {
  /// Methods that ask their objective for more than a gradient.
  static let objectiveFamily: [Method] = [
    Method(
      whole: STORM<Float>(), STORM<Double>(), paper: "Cutkosky & Orabona 2019", ulps: .nan,
      "momentum corrected by the same batch's gradient at the point before; no large batch")
  ]
}
