/// The second derivative (diag(p) − p pᵀ)/n of softmax cross-entropy by the logits of each example.
struct SoftmaxCurvature {
  private let logits: Tensor
  private let pool: BufferPool
  /// p.
  private let probabilities: Buffer
  private var classes: Int { logits.shape[1] }

  init(_ logits: Tensor, on tape: Tape) {
    self.logits = logits
    pool = tape.engine.pool
    probabilities = pool.buffer(count: logits.count)
  }

  /// Keeps an example's probabilities e/sum.
  func keep(_ e: UnsafePointer<Float>, sum: Double, example: Int) {
    let p = probabilities.elements + example * classes
    for j in 0..<classes { p[j] = Float(Double(e[j]) / sum) }
  }

  /// Starts the backward pass: scale/n · p (x′ − p·x′), or scale/n · p (1 − p) in a pass without tangents. Rounding leaves
  /// Σ p a little off 1; the mean p·x′ is divided by it, and 1 − p is the sum of the others, so that both are right where
  /// one class has all but a little of the probability.
  func start(_ scale: Float) {
    let result = pool.buffer(count: logits.count)
    let share = Double(scale) / Double(logits.batchCount)
    for i in 0..<logits.batchCount {
      let (p, r) = (probabilities.elements + i * classes, result.elements + i * classes)
      var sum = 0.0
      for j in 0..<classes { sum += Double(p[j]) }
      if let u = logits.tangent.map({ $0.elements + i * classes }) {
        var mean = 0.0
        for j in 0..<classes { mean += Double(p[j]) * Double(u[j]) }
        mean /= sum
        for j in 0..<classes { r[j] = Float(share * Double(p[j]) * (Double(u[j]) - mean)) }
      } else {
        for j in 0..<classes { r[j] = Float(share * Double(p[j]) * (sum - Double(p[j]))) }
      }
    }
    logits.receive(second: result)
  }
}
