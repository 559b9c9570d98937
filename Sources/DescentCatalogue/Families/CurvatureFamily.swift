import Descent

extension Catalogue {
  /// Methods that ask their objective for products with its curvature, or for gradients that estimate it.
  static let curvatureFamily: [Method] = [
    Method(
      whole: HessianFree<Float>(), HessianFree<Double>(), paper: "Martens 2010", ulps: .nan,
      "conjugate gradients on the damped Gauss–Newton model, from products alone"),
    Method(
      whole: TrustRegion<Float>(), TrustRegion<Double>(), paper: "Steihaug 1983", ulps: .nan,
      "conjugate gradients on the Newton model within a radius that follows its fit"),
    Method(
      whole: CubicNewton<Float>(), CubicNewton<Double>(), paper: "Nesterov & Polyak 2006", ulps: .nan,
      "Newton's model with a cubic term, minimized exactly; up to 1000 parameters"),
    Method(
      whole: SCRN<Float>(), SCRN<Double>(), paper: "Tripuraneni et al. 2018", ulps: .nan,
      "the cubic model of a batch, from products alone; leaves strict saddles"),
    Method(
      whole: LevenbergMarquardt<Float>(), LevenbergMarquardt<Double>(), paper: "Levenberg 1944, Marquardt 1963",
      ulps: .nan, "damped Gauss–Newton steps, solved exactly; up to 1000 parameters"),
    Method(
      whole: SophiaG<Float>(), SophiaG<Double>(), paper: "Liu et al. 2023", ulps: .nan,
      "momentum by an average of the Gauss–Newton diagonal from drawn labels, clipped"),
    Method(
      whole: SophiaH<Float>(), SophiaH<Double>(), paper: "Liu et al. 2023", ulps: .nan,
      "momentum by an average of Hutchinson's estimate of the Hessian's diagonal, clipped"),
    Method(
      whole: AdaHessian<Float>(), AdaHessian<Double>(), paper: "Yao et al. 2021", ulps: .nan,
      "Adam with Hutchinson's estimate of the Hessian's diagonal in place of the gradient"),
  ]
}
