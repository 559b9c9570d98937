import Benchmark
import Descent
import DescentData

/// An epoch of 6,000 drawn digits in batches of 128, shuffled.
func benchmarkBatches() {
  Benchmark("batches 6,000 digits") { benchmark in
    var digits = Digits()
    (digits.trainCount, digits.testCount) = (6_000, 1)
    let split = digits.dataset().train
    benchmark.startMeasurement()
    for batch in BatchSequence(split, batchSize: 128, order: .shuffled(seed: 1)) { blackHole(batch) }
  }
}
