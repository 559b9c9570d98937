import Descent

extension Catalogue {
  /// Methods that treat parameters as matrices: singular values, eigenvectors, inverse roots.
  static let matrixFamily: [Method] = [
    Method(
      tensor: Muon<Float>(), Muon<Double>(), paper: "Jordan et al. 2024", ulps: 1000,
      peers: ["optax contrib.muon"],
      "momentum made orthogonal by Newton–Schulz iterations; AdamW for vectors"),
    Method(
      tensor: Shampoo<Float>(), Shampoo<Double>(), paper: "Gupta, Koren & Singer 2018, Algorithms 1 and 2", ulps: 1000,
      "inverse roots of each side's summed squares, as matrices"),
    Method(
      tensor: SOAP<Float>(), SOAP<Double>(), paper: "Vyas et al. 2024, Algorithm 3", ulps: 1000,
      "Adam in the eigenbasis of Shampoo's factors"),
  ]
}
