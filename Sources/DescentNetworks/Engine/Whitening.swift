import Descent

/// ZCA whitening of examples: x ↦ (x − μ) W with W = (Σ + ε I)^(−½), where μ and Σ are the mean and covariance of the
/// examples from which it is made.
///
/// Of all whitenings, its results are nearest to the examples: Bell and Sejnowski, "The independent components
/// of natural scenes are edge filters", Vision Research 37 (1997).
public struct Whitening: Sendable {
  /// μ.
  public let mean: [Float]
  /// W, symmetric: dimension × dimension.
  public let matrix: [Float]

  private var dimension: Int { mean.count }

  /// - Parameters:
  ///   - examples: Row-major, at least one row.
  ///   - dimension: Numbers in a row.
  ///   - epsilon: ε > 0, added to the variance in every direction; it limits the scaling of those that hardly vary.
  ///   - engine: Computes the products.
  /// - Throws: ``NetworkError`` if the products cannot be computed, or their matrices do not fit into the memory.
  public init(of examples: [Float], dimension: Int, epsilon: Double, engine: Engine) throws(NetworkError) {
    let count = examples.count / dimension
    precondition(count > 0 && examples.count == count * dimension, "examples must be whole rows")
    // Memory for the centered examples, the covariance, the iteration's three matrices and the current product.
    let size = Double(MemoryLayout<Float>.size)
    do throws(MemoryShortage) {
      try MemoryBudget.require(size * (Double(examples.count) + 5 * Double(dimension) * Double(dimension)))
    } catch { throw .tooLarge("whitening of examples of \(dimension) numbers", error) }
    mean = Self.mean(of: examples, dimension)
    let centered = Self.centered(examples, mean)
    var covariance = try engine.product(
      centered, centered, Product(m: dimension, n: dimension, k: count, transposesA: true))
    for i in covariance.indices { covariance[i] /= Float(count) }
    for i in 0..<dimension { covariance[i * dimension + i] += Float(epsilon) }
    matrix = try Self.inverseRoot(covariance, dimension, engine)
  }

  /// The whitened examples.
  /// - Throws: ``NetworkError`` if the products cannot be computed.
  public func callAsFunction(_ examples: [Float], engine: Engine) throws(NetworkError) -> [Float] {
    try engine.product(
      Self.centered(examples, mean), matrix, Product(m: examples.count / dimension, n: dimension, k: dimension))
  }

  private static func mean(of examples: [Float], _ dimension: Int) -> [Float] {
    var sums = [Double](repeating: 0, count: dimension)
    for start in stride(from: 0, to: examples.count, by: dimension) {
      for j in 0..<dimension { sums[j] += Double(examples[start + j]) }
    }
    return sums.map { Float($0 / Double(examples.count / dimension)) }
  }

  private static func centered(_ examples: [Float], _ mean: [Float]) -> [Float] {
    var result = examples
    for start in stride(from: 0, to: result.count, by: mean.count) {
      for j in mean.indices { result[start + j] -= mean[j] }
    }
    return result
  }

  /// A^(−½) of a positive definite matrix by the coupled iteration of Newton and Schulz: Y → A^½, Z → A^(−½), with
  /// T = (3 I − Z Y)/2, Y ← Y T, Z ← T Z (Higham, "Functions of matrices", SIAM (2008), section 6.7).
  private static func inverseRoot(_ a: [Float], _ d: Int, _ engine: Engine) throws(NetworkError) -> [Float] {
    // No eigenvalue of A exceeds A's Frobenius norm c, so the eigenvalues of A / c lie in (0, 1].
    let c = Float(a.reduce(0.0) { $0 + Double($1) * Double($1) }.squareRoot())
    var y = a.map { $0 / c }
    var z = [Float](repeating: 0, count: d * d)
    for i in 0..<d { z[i * d + i] = 1 }
    let product = Product(m: d, n: d, k: d)
    // At first the smallest eigenvalue grows by 9/4 each time; at the end convergence is quadratic.
    for _ in 0..<60 {
      var t = try engine.product(z, y, product)
      var distance = 0.0
      for i in t.indices {
        let target: Float = i % (d + 1) == 0 ? 1 : 0
        distance += Double((t[i] - target) * (t[i] - target))
        t[i] = (3 * target - t[i]) / 2
      }
      if distance < 1e-8 * Double(d) { break }
      y = try engine.product(y, t, product)
      z = try engine.product(t, z, product)
    }
    return z.map { $0 / c.squareRoot() }
  }
}

extension Engine {
  fileprivate func product(_ a: [Float], _ b: [Float], _ product: Product) throws(NetworkError) -> [Float] {
    var c = [Float](repeating: 0, count: product.m * product.n)
    var failure: NetworkError?
    a.withUnsafeBufferPointer { a in
      b.withUnsafeBufferPointer { b in
        c.withUnsafeMutableBufferPointer { c in
          do throws(NetworkError) {
            try multiply(a.baseAddress!, b.baseAddress!, into: c.baseAddress!, product)
          } catch { failure = error }
        }
      }
    }
    if let failure { throw failure }
    return c
  }
}
