import Descent

extension Catalogue {
  /// Methods that treat parameters as matrices: singular values, eigenvectors, inverse roots.
  ///
  /// Shampoo and SOAP compute in `Double`. The condition of their factors magnifies the rounding there, most if the
  /// elements of a gradient differ by ten orders of magnitude (otherwise 5000 and 1000 units). Muon's five iterations
  /// magnify small singular values, and the rounding in them, up to 3.4445⁵ = 485 times.
  static let matrixFamily: [Method] = [
    Method(
      tensor: Muon<Float>(), Muon<Double>(), paper: "Jordan et al. 2024", ulps: 200, peers: ["optax contrib.muon"],
      "momentum made orthogonal by Newton–Schulz iterations; AdamW for vectors"),
    Method(
      tensor: Shampoo<Float>(), Shampoo<Double>(), paper: "Gupta, Koren & Singer 2018, Algorithms 1 and 2", ulps: 1,
      ulpsInDouble: 4e8, "inverse roots of each side's summed squares, as matrices"),
    Method(
      tensor: SOAP<Float>(), SOAP<Double>(), paper: "Vyas et al. 2024, Algorithm 3", ulps: 1, ulpsInDouble: 2.5e7,
      "Adam in the eigenbasis of Shampoo's factors"),
  ]
}
