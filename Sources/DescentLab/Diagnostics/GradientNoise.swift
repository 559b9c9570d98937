/// How much of a gradient is signal and how much is noise, from the gradients of a batch's two halves (McCandlish,
/// Kaplan, Amodei et al. 2018, An Empirical Model of Large-Batch Training, Appendix A.1).
///
///     ‖G‖² ≈ g₁ · g₂
///     tr Σ ≈ ‖g₁ − g₂‖² / (1 / b₁ + 1 / b₂)
///
/// with the gradients g₁, g₂ of b₁ and b₂ examples. Both estimates are unbiased. For halves of the same size they are
/// the paper's with B_small = B / 2 and B_big = B. Single estimates are rough, and the estimate of ‖G‖² may be
/// negative. To average over steps, first average both estimates, then divide.
struct GradientNoise: Hashable {
  /// The estimate of ‖G‖².
  var signal: Double
  /// The estimate of tr Σ, Σ the covariance of one example's gradient.
  var trace: Double
  /// b₁ + b₂.
  var batchSize: Int

  init(signal: Double, trace: Double, batchSize: Int) {
    self.signal = signal
    self.trace = trace
    self.batchSize = batchSize
  }

  /// - Parameters:
  ///   - dot: g₁ · g₂.
  ///   - squaredDistance: ‖g₁ − g₂‖².
  ///   - counts: b₁ and b₂.
  init(dot: Double, squaredDistance: Double, counts: (Int, Int)) {
    signal = dot
    trace = squaredDistance / (1 / Double(counts.0) + 1 / Double(counts.1))
    batchSize = counts.0 + counts.1
  }

  /// B_simple step by step. Rough estimates are averaged before they are divided: tr Σ and ‖G‖² each over about the
  /// last ten measurements. Steps at which the average of ‖G‖² is not positive are left out.
  static func averagedScale(
    signal: [(step: Int, value: Double)], trace: [(step: Int, value: Double)]
  ) -> [(step: Int, value: Double)] {
    let traces = Dictionary(trace.map { ($0.step, $0.value) }) { $1 }
    // Both averages start from zero; this bias cancels in the quotient.
    var (G, S) = (0.0, 0.0)
    return signal.compactMap { step, value in
      guard let trace = traces[step] else { return nil }
      G = 0.9 * G + 0.1 * value
      S = 0.9 * S + 0.1 * trace
      return G > 0 ? (step, S / G) : nil
    }
  }

  /// ‖G‖² / (tr Σ / b), for the batch's gradient.
  var signalToNoise: Double { signal * Double(batchSize) / trace }

  /// B_simple = tr Σ / ‖G‖², in examples: gradients of much smaller batches are mostly noise. It is nil if the
  /// estimate of ‖G‖² is not positive.
  var scale: Double? { signal > 0 ? trace / signal : nil }
}
