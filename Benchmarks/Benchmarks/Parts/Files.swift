import Benchmark
import Descent
import Foundation

/// A checkpoint of a million parameters with Adam's state: 12 MB.
func benchmarkFiles() {
  Benchmark("safetensors write") { benchmark in
    let checkpoint = try checkpoint()
    let path = scratchPath()
    defer { try? FileManager.default.removeItem(atPath: path) }
    benchmark.startMeasurement()
    try checkpoint.write(to: path)
    benchmark.stopMeasurement()
  }
  Benchmark("safetensors read") { benchmark in
    let path = scratchPath()
    try checkpoint().write(to: path)
    defer { try? FileManager.default.removeItem(atPath: path) }
    benchmark.startMeasurement()
    blackHole(try Checkpoint<Float>(contentsOf: path))
    benchmark.stopMeasurement()
  }
}

private func checkpoint() throws -> Checkpoint<Float> {
  let θ = noise(1_000_000, "parameters")
  return try Optimizer(Adam(), for: θ).checkpoint(θ)
}

private func scratchPath() -> String {
  FileManager.default.temporaryDirectory.appendingPathComponent("descent-\(UUID().uuidString).safetensors").path
}
