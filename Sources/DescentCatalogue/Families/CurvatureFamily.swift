import Descent

extension Catalogue {
  /// Methods with curvature: from statistics of layers, from gradients with drawn labels, from products or a diagonal.
  static let curvatureFamily: [Method] = [
    Method(
      whole: AdaHessian<Float>(), AdaHessian<Double>(), paper: "Yao et al. 2021", ulps: .nan,
      "Adam with Hutchinson's estimate of the Hessian's diagonal in place of the gradient in v"),
    Method(
      whole: AdaptiveKFAC<Float>(), AdaptiveKFAC<Double>(), paper: "Martens & Grosse 2015, Algorithm 2", ulps: .nan,
      "K-FAC that finds step size, momentum and damping from the exact Fisher information; for large batches"),
    Method(
      whole: BlockVSGD<Float>(), BlockVSGD<Double>(), paper: "Schaul, Zhang & LeCun 2013", ulps: .nan,
      "a step size for each parameter, or for all, from the variance of gradients and the curvature"),
    Method(
      whole: CubicNewton<Float>(), CubicNewton<Double>(), paper: "Nesterov & Polyak 2006", ulps: .nan,
      "Newton's model with a cubic term, minimized exactly; up to 1000 parameters"),
    Method(
      whole: EKFAC<Float>(), EKFAC<Double>(), paper: "George, Laurent, Bouthillier, Ballas & Vincent 2018", ulps: .nan,
      "K-FAC's eigenbasis with the exact second moments along it"),
    Method(
      whole: HessianFree<Float>(), HessianFree<Double>(), paper: "Martens 2010", ulps: .nan,
      "conjugate gradients on the damped Gauss–Newton model, from products alone"),
    Method(
      whole: KBFGS<Float>(), KBFGS<Double>(), paper: "Goldfarb, Ren & Bahamou 2020", ulps: .nan,
      "Kronecker-factored quasi-Newton steps of layers, without inverses"),
    Method(
      whole: KBFGSL<Float>(), KBFGSL<Double>(), paper: "Goldfarb, Ren & Bahamou 2020", ulps: .nan,
      "K-BFGS with limited memory for the outputs' curvature"),
    Method(
      whole: KFAC<Float>(), KFAC<Double>(), paper: "Martens & Grosse 2015; Grosse & Martens 2016", ulps: .nan,
      "natural gradient with Kronecker-factored curvature of layers"),
    Method(
      whole: LevenbergMarquardt<Float>(), LevenbergMarquardt<Double>(), paper: "Levenberg 1944, Marquardt 1963",
      ulps: .nan, "damped Gauss–Newton steps, solved exactly; up to 1000 parameters"),
    Method(
      whole: MiniBlockFisher<Float>(), MiniBlockFisher<Double>(), paper: "Bahamou, Goldfarb & Ren 2022", ulps: .nan,
      "momentum times the inverse of a Fisher matrix in small blocks"),
    Method(
      whole: NaturalNewton<Float>(), NaturalNewton<Double>(), paper: "Le Roux & Fitzgibbon 2010", ulps: .nan,
      "diagonal Newton steps, shortened where they disagree"),
    Method(
      whole: SCRN<Float>(), SCRN<Double>(), paper: "Tripuraneni et al. 2018", ulps: .nan,
      "the cubic model of a batch, from products alone; leaves strict saddles"),
    Method(
      whole: SophiaG<Float>(), SophiaG<Double>(), paper: "Liu et al. 2023", ulps: .nan,
      "momentum by an average of the Gauss–Newton diagonal from drawn labels, clipped"),
    Method(
      whole: SophiaH<Float>(), SophiaH<Double>(), paper: "Liu et al. 2023", ulps: .nan,
      "momentum by an average of Hutchinson's estimate of the Hessian's diagonal, clipped"),
    Method(
      whole: TNT<Float>(), TNT<Double>(), paper: "Ren & Goldfarb 2021", ulps: .nan,
      "momentum times the inverse covariance of each side of the gradients"),
    Method(
      whole: TrustRegion<Float>(), TrustRegion<Double>(), paper: "Steihaug 1983", ulps: .nan,
      "conjugate gradients on the Newton model within a radius that follows its fit"),
  ]
}
