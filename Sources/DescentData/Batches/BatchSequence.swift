import Descent
import Dispatch

/// The mini-batches of one epoch, prepared while the caller computes.
///
/// ```swift
/// for batch in BatchSequence(dataset.train, batchSize: 128, order: .shuffled(seed: 1), epoch: 0) { … }
/// ```
///
/// The order depends on seed and epoch alone, so training that resumes at batch k of epoch e sees the same examples as
/// without a stop. While a batch is used, the next ones are prepared on a queue of their own; at most `prefetchCount`
/// wait. An iterator that is dropped early leaves nothing behind.
public struct BatchSequence: Sequence, Sendable {
  public enum Order: Hashable, Sendable {
    /// From the first example to the last.
    case sequential
    /// In the order `RandomStream(seed: seed, name: "shuffle").substream(epoch).permutation(of: count)`.
    case shuffled(seed: UInt64)
  }

  public enum PartialBatch: Hashable, Sendable {
    /// The last batch of an epoch may be smaller.
    case keep
    /// Every batch is full; the examples left over are not used in this epoch.
    case drop
  }

  let split: Split
  let batchSize: Int
  let prefetchCount: Int
  let start: Int
  let order: [Int32]?
  /// Number of batches in the whole epoch, whatever `start` is.
  public let batchCount: Int

  /// - Parameters:
  ///   - split: the examples.
  ///   - batchSize: examples in a batch, at least 1.
  ///   - order: the order of the examples.
  ///   - epoch: the number of the epoch, from 0.
  ///   - start: the number of the batch to begin with, from 0; past the last one, the sequence is empty.
  ///   - partialBatch: what to do with the last examples if they do not fill a batch.
  ///   - prefetchCount: batches prepared ahead, at least 1.
  public init(
    _ split: Split, batchSize: Int, order: Order = .sequential, epoch: Int = 0, startingAt start: Int = 0,
    partialBatch: PartialBatch = .keep, prefetchCount: Int = 2
  ) {
    precondition(batchSize > 0, "the batch size must be at least 1")
    precondition(epoch >= 0 && start >= 0, "epoch and batch are counted from 0")
    precondition(prefetchCount > 0, "at least one batch is prepared ahead")
    self.split = split
    self.batchSize = batchSize
    self.prefetchCount = prefetchCount
    self.start = start
    batchCount = partialBatch == .keep ? (split.count + batchSize - 1) / batchSize : split.count / batchSize
    switch order {
    case .sequential: self.order = nil
    case .shuffled(let seed):
      var stream = RandomStream(seed: seed, name: "shuffle").substream(UInt64(epoch))
      self.order = stream.permutation(of: split.count)
    }
  }

  public var underestimatedCount: Int { Swift.max(0, batchCount - start) }

  public func makeIterator() -> Iterator { Iterator(self) }

  func batch(_ number: Int) -> Batch {
    let range = (number * batchSize)..<Swift.min((number + 1) * batchSize, split.count)
    guard let order else { return split.batch(at: range) }
    return split.batch(at: order[range].lazy.map(Int.init))
  }

  public struct Iterator: IteratorProtocol {
    private let sequence: BatchSequence
    private let queue = DispatchQueue(label: "descent.batches", qos: .userInitiated)
    private var pending: [Preparation] = []
    private var nextToPrepare: Int

    init(_ sequence: BatchSequence) {
      self.sequence = sequence
      nextToPrepare = sequence.start
      for _ in 0..<sequence.prefetchCount { prepareOne() }
    }

    /// The next batch; waits only while it is still being prepared.
    public mutating func next() -> Batch? {
      guard !pending.isEmpty else { return nil }
      let batch = pending.removeFirst().wait()
      prepareOne()
      return batch
    }

    private mutating func prepareOne() {
      guard nextToPrepare < sequence.batchCount else { return }
      let preparation = Preparation(sequence, number: nextToPrepare)
      nextToPrepare += 1
      pending.append(preparation)
      queue.async { [weak preparation] in preparation?.run() }
    }
  }

  /// One batch in preparation. The queue holds it weakly: if the iterator is dropped, the batch is not prepared.
  private final class Preparation: @unchecked Sendable {
    private let sequence: BatchSequence
    private let number: Int
    private let done = DispatchSemaphore(value: 0)
    private var batch: Batch?

    init(_ sequence: BatchSequence, number: Int) {
      self.sequence = sequence
      self.number = number
    }

    func run() {
      batch = sequence.batch(number)
      done.signal()
    }

    /// Gives the signal back, because a copy of the iterator may call this again.
    func wait() -> Batch {
      done.wait()
      done.signal()
      return batch!
    }
  }
}
