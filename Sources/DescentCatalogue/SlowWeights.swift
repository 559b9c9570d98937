import Descent

/// The slow weights of `Lookahead`, beside a method that is chosen while the program runs.
struct SlowWeights<Scalar: LaneScalar> {
  private static var slot: String { "slow" }

  let lookahead: Method.Lookahead
  var weights: ParameterVector<Scalar>

  mutating func synchronize(_ θ: inout ParameterVector<Scalar>, at t: Int) {
    guard t.isMultiple(of: lookahead.period) else { return }
    weights.decay(toward: θ, by: Scalar(lookahead.rate))
    θ = weights
  }

  func save(into checkpoint: inout Checkpoint<Scalar>) { checkpoint.slots[Self.slot] = weights }

  mutating func restore(from checkpoint: inout Checkpoint<Scalar>) throws(CheckpointError) {
    guard let saved = checkpoint.slots.removeValue(forKey: Self.slot) else { throw .missingState(Self.slot) }
    weights = try saved.rearranged(to: weights.layout)
  }
}
