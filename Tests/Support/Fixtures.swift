import Descent

/// A vector of numbers from N(0, 1), the same for the same seed in every precision's range.
public func randomVector<Scalar: LaneScalar>(
  _ count: Int, seed: UInt64, of _: Scalar.Type = Scalar.self
) throws -> ParameterVector<Scalar> {
  var stream = RandomStream(seed: seed, name: "test vector")
  return try ParameterVector((0..<count).map { _ in Scalar(stream.normal()) })
}

extension LaneScalar {
  /// The exact value, signs of zero included.
  public var bits: UInt64 { Double(self).bitPattern }
}
