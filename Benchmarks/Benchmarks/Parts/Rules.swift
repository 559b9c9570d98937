import Benchmark
import Descent

/// A step of 2¹⁶ parameters, in cache, on one thread.
func benchmarkRules() {
  step("sgd", SGD())
  step("momentum", Momentum())
  step("adagrad", AdaGrad())
  step("adadelta", AdaDelta())
  step("rmsprop", RMSProp())
  step("adam", Adam())
  step("adam, decay, average", Adam().decayed(by: 0.01).averaged(0.999))
  step("amsgrad", AMSGrad())
  step("adamax", AdaMax())
  step("nadam", Nadam())
  step("radam", RAdam())
  step("lion", Lion())
}

/// Generic, so that each rule's pass is specialized.
private func step<Rule: ElementRule<Float>>(_ name: String, _ rule: Rule) {
  Benchmark("rule \(name)", configuration: .init(scalingFactor: .kilo)) { benchmark in
    var θ = noise(1 << 16, "parameters")
    let g = noise(1 << 16, "gradient")
    guard var optimizer = try? Optimizer(rule, for: θ, threads: 1) else { return benchmark.error("refused options") }
    benchmark.startMeasurement()
    for _ in benchmark.scaledIterations { _ = try? optimizer.step(&θ, gradient: g) }
  }
}

/// A vector of small random numbers.
func noise(_ count: Int, _ name: String) -> ParameterVector<Float> {
  var stream = RandomStream(seed: 1, name: name)
  let values = (0..<count).map { _ in Float(0.1 * (stream.uniform() - 0.5)) }
  guard let vector = try? ParameterVector(values) else { fatalError("a vector of no elements") }
  return vector
}
