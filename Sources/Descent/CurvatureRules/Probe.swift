/// Random vectors z with E[z zᵀ] = I, for the diagonal of a matrix that is known by its products: E[z ⊙ A z] = diag(A)
/// (Hutchinson 1990; Bekas, Kokiopoulou & Saad 2007).
///
/// The vector of step t is a function of the seed, t and the layout's order alone: a run that is resumed draws the same.
@usableFromInline
struct Probe: Sendable {
  @usableFromInline
  enum Distribution: Sendable {
    /// ±1 with equal chance: of all distributions the least variance.
    case rademacher
    /// N(0, 1), rounded to `Float`.
    case normal
    /// Even over the sphere of radius 1. (Not of E[z zᵀ] = I.)
    case sphere
  }

  @usableFromInline let distribution: Distribution
  /// The use, which has its own stream.
  @usableFromInline let name: String
  @usableFromInline let seed: Int

  @usableFromInline
  init(distribution: Distribution, name: String, seed: Int) {
    (self.distribution, self.name, self.seed) = (distribution, name, seed)
  }

  /// z of step t.
  @inlinable
  func vector<Scalar: LaneScalar>(_ layout: ParameterLayout, at t: Int) -> ParameterVector<Scalar> {
    var stream = RandomStream(seed: UInt64(seed.magnitude), name: name).substream(UInt64(t.magnitude))
    var z = ParameterVector<Scalar>(zeros: layout)
    z.withUnsafeMutableElements { z in
      for block in layout.blocks {
        let elements = UnsafeMutableBufferPointer(rebasing: z[block.elements])
        if distribution == .rademacher {
          Self.fillSigns(elements, &stream)
        } else {
          Self.fillNormal(elements, &stream)
        }
      }
    }
    if distribution == .sphere { z.scale(by: Scalar.finite(1 / z.norm())) }
    return z
  }

  @inlinable
  static func fillSigns<Scalar: LaneScalar>(
    _ z: UnsafeMutableBufferPointer<Scalar>, _ stream: inout RandomStream
  ) {
    withUnsafeTemporaryAllocation(of: UInt32.self, capacity: (z.count + 31) / 32) { words in
      stream.fillWords(words)
      for i in z.indices { z[i] = words[i / 32] >> (i % 32) & 1 == 0 ? 1 : -1 }
    }
  }

  @inlinable
  static func fillNormal<Scalar: LaneScalar>(
    _ z: UnsafeMutableBufferPointer<Scalar>, _ stream: inout RandomStream
  ) {
    withUnsafeTemporaryAllocation(of: Float.self, capacity: z.count) { normals in
      stream.fillNormal(normals)
      for i in z.indices { z[i] = Scalar(normals[i]) }
    }
  }
}

extension RuleOption {
  /// The seed of a method's random numbers.
  static func seed(_ property: WritableKeyPath<Rule, Int> & Sendable) -> Self {
    .integer("seed", property, in: 0...Int(Int32.max), "of the random vectors, which are a function of it and t")
  }
}
