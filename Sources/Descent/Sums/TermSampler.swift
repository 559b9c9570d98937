/// How a mini-batch of terms is drawn.
public enum Sampling: String, Codable, CaseIterable, Sendable {
  /// Every epoch takes each term once, in an order of its own; the last batch holds what is left.
  case shuffled
  /// Each term of a batch is any of them with the same probability, as the theory assumes.
  case independent
}

/// Draws mini-batches of terms, each a pure function of the seed and the step.
@usableFromInline
struct TermSampler: Sendable {
  private let count: Int
  private let independent: RandomStream
  private let shuffle: RandomStream
  private var epoch = -1
  private var order: [Int32] = []

  @usableFromInline
  init(count: Int, seed: UInt64) {
    self.count = count
    independent = RandomStream(seed: seed, name: "terms")
    shuffle = RandomStream(seed: seed, name: "shuffle")
  }

  mutating func terms(_ size: Int, _ sampling: Sampling, step t: Int) -> [Int] {
    switch sampling {
    case .shuffled: batch(size, step: t)
    case .independent: draws(size, step: t)
    }
  }

  /// `size` independent draws for step t = 1, 2, …, each term with the same probability, as the theory assumes.
  func draws(_ size: Int, step t: Int) -> [Int] {
    var stream = independent.substream(UInt64(t))
    return (0..<size).map { _ in stream.integer(below: count) }
  }

  /// The batch of step t = 1, 2, …: each epoch takes every term once, in its own order. The last batch of an epoch
  /// holds the rest.
  @usableFromInline
  mutating func batch(_ size: Int, step t: Int) -> [Int] {
    let batchesPerEpoch = (count + size - 1) / size
    let (epoch, batch) = (t - 1).quotientAndRemainder(dividingBy: batchesPerEpoch)
    if epoch != self.epoch {
      var stream = shuffle.substream(UInt64(epoch))
      order = stream.permutation(of: count)
      self.epoch = epoch
    }
    return order[(batch * size)..<min((batch + 1) * size, count)].map(Int.init)
  }
}
