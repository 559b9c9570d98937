/// Successive halving: all trials get a few epochs, the best 1/η of them get η times as many, and so on up to all
/// epochs (Jamieson and Talwalkar 2016, "Non-stochastic best arm identification and hyperparameter optimization").
///
/// A rung is decided only when every trial has reached it. The metrics alone therefore decide which trials are
/// promoted, not the number of workers or when they were stopped. A trial's schedule stretches over all epochs,
/// whatever rung the trial reaches: a promoted trial goes on as if it had never been stopped.
public struct Halving: Hashable, Sendable {
  /// The epochs ⌊R ÷ ηᵏ⌋ after which trials are compared, smallest first. The last rung has all R epochs.
  public let rungs: [Int]
  /// η; nil if every trial has all its epochs.
  let factor: Int?

  /// - Parameters:
  ///   - epochs: R, the epochs of a whole run.
  ///   - factor: η, at least 2; nil for no halving.
  ///   - least: The smallest number of epochs that the first rung may have.
  init(epochs: Int, factor: Int?, least: Int) {
    self.factor = factor
    var rungs = [epochs]
    if let factor, factor > 1 {
      var power = factor
      while epochs / power >= max(1, least) {
        rungs.append(epochs / power)
        let next = power.multipliedReportingOverflow(by: factor)
        guard !next.overflow else { break }
        power = next.partialValue
      }
    }
    self.rungs = rungs.reversed()
  }

  /// The rung that follows the rung of `epochs`; nil after the last.
  func rung(after epochs: Int) -> Int? { rungs.first { $0 > epochs } }

  /// How many of `count` trials on a rung go on to the next.
  func survivors(of count: Int) -> Int { factor.map { max(1, count / $0) } ?? count }

  /// Which trials go on to the next rung.
  ///
  /// - Parameters:
  ///   - results: Number and metric of each trial on the rung. A diverged trial's metric is nil, and it never goes on.
  ///   - objective: What is better. Among equals, the trial with the smaller number wins.
  /// - Returns: Numbers of trials, the best first.
  func promoted(from results: [(trial: Int, metric: Double?)], by objective: Objective) -> [Int] {
    let ranked = results.compactMap { result in result.metric.map { (trial: result.trial, metric: $0) } }.sorted {
      objective.isBetter($0.metric, than: $1.metric) || ($0.metric == $1.metric && $0.trial < $1.trial)
    }
    return ranked.prefix(survivors(of: results.count)).map(\.trial)
  }

  /// The total number of epochs of `count` trials, if none diverges.
  func totalEpochs(of count: Int) -> Int {
    var (total, before, count) = (0, 0, count)
    for rung in rungs {
      total += count * (rung - before)
      before = rung
      count = survivors(of: count)
    }
    return total
  }
}
