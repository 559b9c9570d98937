import Descent
import DescentData
import Testing

@Suite struct BatchSequenceTests {
  /// Example i is (i, −i) with label i.
  let split = Split(
    values: (0..<10).flatMap { [Float($0), -Float($0)] }, inputShape: [2], labels: Array(0..<10))

  private func labels(_ sequence: BatchSequence) -> [[Int32]] { sequence.map(\.labels) }

  @Test func partialBatchesAreKeptOrDropped() {
    let kept = BatchSequence(split, batchSize: 4)
    #expect(labels(kept) == [[0, 1, 2, 3], [4, 5, 6, 7], [8, 9]] && kept.batchCount == 3)
    let dropped = BatchSequence(split, batchSize: 4, partialBatch: .drop)
    #expect(labels(dropped) == [[0, 1, 2, 3], [4, 5, 6, 7]] && dropped.batchCount == 2)
    #expect(labels(BatchSequence(split, batchSize: 20)) == [Array(0..<10)])
    #expect(labels(BatchSequence(split, batchSize: 20, partialBatch: .drop)).isEmpty)
  }

  @Test func inputsGoWithLabels() throws {
    for batch in BatchSequence(split, batchSize: 3, order: .shuffled(seed: 5), epoch: 2) {
      guard case .dense(let values, let shape) = batch.inputs else { throw Unexpected() }
      #expect(shape == [batch.count, 2])
      #expect(values == batch.labels.flatMap { [Float($0), -Float($0)] })
    }
  }

  @Test func orderIsThePermutationOfSeedAndEpoch() {
    for epoch in 0..<3 {
      var stream = RandomStream(seed: 7, name: "shuffle").substream(UInt64(epoch))
      let order = stream.permutation(of: 10)
      #expect(
        labels(BatchSequence(split, batchSize: 3, order: .shuffled(seed: 7), epoch: epoch)).flatMap { $0 } == order)
    }
    let first = labels(BatchSequence(split, batchSize: 3, order: .shuffled(seed: 7), epoch: 0))
    #expect(first != labels(BatchSequence(split, batchSize: 3, order: .shuffled(seed: 7), epoch: 1)))
    #expect(first != labels(BatchSequence(split, batchSize: 3, order: .shuffled(seed: 8), epoch: 0)))
  }

  @Test func anEpochGoesOnWhereItStopped() {
    let whole = labels(BatchSequence(split, batchSize: 3, order: .shuffled(seed: 1), epoch: 4))
    for start in 0...5 {
      let rest = BatchSequence(split, batchSize: 3, order: .shuffled(seed: 1), epoch: 4, startingAt: start)
      #expect(labels(rest) == Array(whole.dropFirst(start)))
    }
  }

  @Test func prefetchingChangesNothingAndStoppingEarlyIsFine() {
    let expected = labels(BatchSequence(split, batchSize: 1, order: .shuffled(seed: 3)))
    for depth in [1, 2, 7, 100] {
      #expect(labels(BatchSequence(split, batchSize: 1, order: .shuffled(seed: 3), prefetchCount: depth)) == expected)
    }
    for _ in 0..<1000 {
      var iterator = BatchSequence(split, batchSize: 1).makeIterator()
      #expect(iterator.next()?.labels == [0])
    }
  }

  @Test func aCopyOfAnIteratorGoesOnByItself() {
    var a = BatchSequence(split, batchSize: 4).makeIterator()
    _ = a.next()
    var b = a
    #expect(a.next()?.labels == b.next()?.labels)
    #expect(a.next()?.labels == [8, 9])
    #expect(a.next() == nil)
    #expect(b.next()?.labels == [8, 9])
  }

  @Test func sparseRowsAreGathered() throws {
    let rows = try SparseRows(rowStarts: [0, 2, 2, 3], columns: [0, 3, 1], values: [1, 2, 3], columnCount: 4)
    let batch = Split(rows: rows, labels: [0, 1, 2]).batch(at: [2, 1, 0])
    guard case .sparse(let picked) = batch.inputs else { throw Unexpected() }
    #expect(picked.rowStarts == [0, 1, 1, 3] && picked.columns == [1, 0, 3] && picked.values == [3, 1, 2])
    #expect(batch.labels == [2, 1, 0])
  }
}
