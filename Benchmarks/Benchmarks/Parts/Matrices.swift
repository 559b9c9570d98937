import Benchmark
import Descent

/// Products and decompositions of the methods that see matrices; their time is the step's.
func benchmarkMatrices() {
  for side in [128, 512] {
    Benchmark("matrix product \(side) × \(side)") { benchmark in
      let (a, b) = (noise(side * side, "a"), noise(side * side, "b"))
      var c = noise(side * side, "c")
      benchmark.startMeasurement()
      a.withUnsafeElements { a in
        b.withUnsafeElements { b in
          c.withUnsafeMutableElements { c in
            Float.multiply(
              MatrixView(a.baseAddress!, rows: side, columns: side),
              MatrixView(b.baseAddress!, rows: side, columns: side),
              into: c.baseAddress!, threads: 1)
          }
        }
      }
      blackHole(c)
    }
  }
  // Two eigendecompositions a step, one for each side, and six products.
  for side in [128, 784, 1024] {
    for threads in [1, 2] {
      stepOfMatrix(
        "roots \(side) × \(side), \(threads) threads (shampoo)",
        Shampoo(preconditionEvery: 1, maximumSide: side), side: side, threads: threads)
      // Two QR decompositions a step, one for each side, and ten products.
      stepOfMatrix(
        "bases \(side) × \(side), \(threads) threads (soap)",
        SOAP(preconditionEvery: 1, skipFirst: false, maximumSide: side), side: side, threads: threads)
    }
  }
  // Five Newton–Schulz iterations a step.
  stepOfMatrix("matrix iterations 512 × 512 (muon)", Muon(), side: 512, threads: 1)
}

private func stepOfMatrix(_ name: String, _ rule: some TensorRule<Float>, side: Int, threads: Int) {
  Benchmark(name) { benchmark in
    let layout = try ParameterLayout([("matrix", [side, side])])
    var (θ, g) = (ParameterVector<Float>(zeros: layout), ParameterVector<Float>(zeros: layout))
    try θ.assign(noise(side * side, "parameters").values, to: "matrix")
    try g.assign(noise(side * side, "gradient").values, to: "matrix")
    var optimizer = try Optimizer(rule, for: θ, threads: threads)
    try optimizer.step(&θ, gradient: g)
    benchmark.startMeasurement()
    try optimizer.step(&θ, gradient: g)
  }
}
