import Descent

/// A random orthogonal matrix Q, distributed by Haar's measure: the product of Householder reflections made from
/// Gaussian vectors in ever fewer dimensions (Stewart, "The efficient generation of random orthogonal matrices", SIAM
/// J. Numer. Anal. 17, 1980).
///
/// The matrix itself is never formed: Q x takes 2 d² operations.
struct Rotation: Sendable {
  /// Reflector k has unit length and acts on the last d − k elements.
  private let reflectors: [[Double]]

  init(dimension: Int, from stream: inout RandomStream) {
    reflectors = (0..<max(0, dimension - 1)).map { k in
      var v = (k..<dimension).map { _ in stream.normal() }
      // The reflection that takes v to ∓‖v‖ e₁.
      let norm = v.reduce(0) { $0 + $1 * $1 }.squareRoot()
      v[0] += v[0] < 0 ? -norm : norm
      let length = v.reduce(0) { $0 + $1 * $1 }.squareRoot()
      return v.map { $0 / length }
    }
  }

  /// x ← Q x.
  func apply(to x: inout [Double]) {
    for k in reflectors.indices.reversed() { reflect(&x, k) }
  }

  /// x ← Qᵀ x.
  func applyTransposed(to x: inout [Double]) {
    for k in reflectors.indices { reflect(&x, k) }
  }

  private func reflect(_ x: inout [Double], _ k: Int) {
    let v = reflectors[k]
    var product = 0.0
    for i in v.indices { product += v[i] * x[k + i] }
    for i in v.indices { x[k + i] -= 2 * product * v[i] }
  }
}
