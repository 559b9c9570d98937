import Benchmark

/// The parts that training is made of, one file for each area. Names begin with the area: `--filter 'rule.*'`.
let benchmarks: @Sendable () -> Void = {
  Benchmark.defaultConfiguration = .init(
    metrics: [.wallClock, .mallocCountTotal], warmupIterations: 3, maxDuration: .seconds(1))
  benchmarkRules()
  benchmarkMatrices()
  benchmarkRandomNumbers()
  benchmarkFiles()
  benchmarkLayers()
  benchmarkBatches()
}
