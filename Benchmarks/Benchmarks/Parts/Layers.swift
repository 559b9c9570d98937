import Benchmark
import Descent
import DescentNetworks

/// Loss and gradient of small networks, each with one sort of layer that takes the time; batch 128.
func benchmarkLayers() {
  gradient("linear 784-1000", [784], [Dense(1000)])
  gradient("linear 784-1000, relu", [784], [Dense(1000, activation: .relu)])
  gradient("linear 784-1000, dropout", [784], [Dense(1000), Dropout(0.5)])
  gradient(
    "convolution 5 × 5, 32 × 32 × 3 to 64", [32, 32, 3],
    [Convolution(64, window: 5, activation: .relu), AveragePooling(32), Flatten()])
  gradient(
    "convolution and maxima, 32 × 32 × 3 to 64", [32, 32, 3],
    [
      Convolution(64, window: 5, activation: .relu), MaxPooling(3, stride: 2, padding: .symmetric(1)),
      AveragePooling(16), Flatten(),
    ])
}

private func gradient(_ name: String, _ inputShape: [Int], _ layers: [any Layer]) {
  Benchmark("layer \(name)") { benchmark in
    let model = try Classifier(inputShape: inputShape, layers: layers)
    let inputs = noise(128 * inputShape.reduce(1, *), "inputs").values
    let batch = Batch(
      inputs: .dense(inputs, shape: [128] + inputShape), labels: [Int32](repeating: 0, count: 128))
    let engine = Engine()
    let θ = model.initialParameters(seed: 1)
    var g = ParameterVector<Float>(zeros: model.layout)
    let stream = RandomStream(seed: 1, name: "noise")
    // The first one compiles the operations and takes the memory.
    _ = try engine.gradient(of: model, batch, at: θ, into: &g, noise: stream)
    benchmark.startMeasurement()
    _ = try engine.gradient(of: model, batch, at: θ, into: &g, noise: stream)
  }
}
