/// The epochs of a method: counts the steps, and keeps the iterate that the next epoch starts from.
struct Epoch<Scalar: LaneScalar>: Sendable {
  /// m: steps of an epoch.
  let length: Int
  /// One of the iterates 0..<candidates is kept: iterate k is θ after k steps of the epoch.
  let candidates: Int
  let isRandom: Bool
  private let stream: RandomStream
  private var number = 0
  private(set) var step = 0
  private var chosen = 0
  private var kept: ParameterVector<Scalar>?

  init(length: Int, candidates: Int, isRandom: Bool, seed: UInt64) {
    self.length = length
    self.candidates = candidates
    self.isRandom = isRandom
    stream = RandomStream(seed: seed, name: "snapshot")
  }

  /// Whether the next step is the first of an epoch.
  var isStart: Bool { step == 0 }

  /// To be called at every iterate, before its step.
  mutating func visit(_ θ: ParameterVector<Scalar>) {
    guard isRandom else { return }
    if step == 0 {
      var stream = stream.substream(UInt64(number))
      chosen = stream.integer(below: candidates)
    }
    if step == chosen { kept = θ }
  }

  /// To be called after every step: at the end of an epoch θ becomes the iterate that was kept.
  mutating func advance(_ θ: inout ParameterVector<Scalar>, isLast: Bool = false) {
    step += 1
    guard step == length || isLast else { return }
    if isRandom, let kept, chosen < step { θ = kept }
    kept = nil
    number += 1
    step = 0
  }
}
