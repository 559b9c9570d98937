/// The curvature of a few parameters as a matrix, in the order of ``ParameterVector/values``.
enum DenseCurvature {
  /// The most parameters of which a matrix is formed: it takes 8 MB, and its decomposition a second.
  static let mostParameters = 1000

  /// Row-major n×n, a row from each product with a unit vector.
  static func matrix<Scalar: LaneScalar>(
    _ layout: ParameterLayout,
    multiply: (_ v: ParameterVector<Scalar>, _ product: inout ParameterVector<Scalar>) throws -> Void
  ) throws -> [Double] {
    var matrix: [Double] = []
    matrix.reserveCapacity(layout.parameterCount * layout.parameterCount)
    var (unit, product) = (ParameterVector<Scalar>(zeros: layout), ParameterVector<Scalar>(zeros: layout))
    for block in layout.blocks {
      for i in block.elements {
        unit.withUnsafeMutableElements { $0[i] = 1 }
        try multiply(unit, &product)
        unit.withUnsafeMutableElements { $0[i] = 0 }
        for x in product.values { matrix.append(Double(x)) }
      }
    }
    return matrix
  }
}

extension ParameterVector where Scalar: LaneScalar {
  /// self ← self + scale · d, with d in the order of ``values``; at most the largest number.
  mutating func add(_ d: [Double], times scale: Double) {
    var next = d.makeIterator()
    let blocks = layout.blocks
    withUnsafeMutableElements { x in
      for block in blocks {
        for i in block.elements { x[i] = Scalar.finite(Double(x[i]) + scale * (next.next() ?? 0)) }
      }
    }
  }
}

extension ObjectiveRule {
  /// Refuses more parameters than a matrix is formed of.
  static func checkCount(_ layout: ParameterLayout) throws(CurvatureError) {
    let (count, limit) = (layout.parameterCount, DenseCurvature.mostParameters)
    guard count <= limit else { throw .tooManyParameters(method: name, count: count, limit: limit) }
  }
}
