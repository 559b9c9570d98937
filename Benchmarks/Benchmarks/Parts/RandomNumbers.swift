import Benchmark
import Descent

/// A million numbers from Philox.
func benchmarkRandomNumbers() {
  fill("uniform") { $0.fillUniform($1) }
  fill("normal") { $0.fillNormal($1) }
  Benchmark("philox permutation of 60,000") { benchmark in
    var stream = RandomStream(seed: 1, name: "permutation")
    benchmark.startMeasurement()
    blackHole(stream.permutation(of: 60_000))
  }
}

private func fill(
  _ name: String, _ body: @escaping @Sendable (inout RandomStream, UnsafeMutableBufferPointer<Float>) -> Void
) {
  Benchmark("philox \(name), 1,000,000") { benchmark in
    var stream = RandomStream(seed: 1, name: name)
    let numbers = UnsafeMutableBufferPointer<Float>.allocate(capacity: 1_000_000)
    defer { numbers.deallocate() }
    numbers.initialize(repeating: 0)
    benchmark.startMeasurement()
    body(&stream, numbers)
    benchmark.stopMeasurement()
    blackHole(numbers[0])
  }
}
