import Benchmark
import Foundation

/// The parts that training is made of, one file for each area. Names begin with the area: `--filter 'rule.*'`.
let benchmarks: @Sendable () -> Void = {
  // Allocations are counted where Package.swift takes in what counts them; elsewhere the count would be zero.
  let counts = ProcessInfo.processInfo.environment["DESCENT_COUNT_MALLOC"] != nil
  Benchmark.defaultConfiguration = .init(
    metrics: [.wallClock] + (counts ? [.mallocCountTotal] : []), warmupIterations: 3, maxDuration: .seconds(1))
  benchmarkRules()
  benchmarkMatrices()
  benchmarkRandomNumbers()
  benchmarkFiles()
  benchmarkLayers()
  benchmarkBatches()
}
