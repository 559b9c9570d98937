/// One of a study's runs: what it tries, and how far it is.
public struct Trial: Hashable, Sendable {
  public enum State: String, CaseIterable, Sendable {
    /// To be trained, or being trained by the worker that holds the lock of its folder.
    case waiting
    /// On a rung that other trials have not reached yet.
    case paused
    /// Halving goes on without it.
    case stopped
    /// All its epochs are done.
    case finished
    /// Its loss, or the metric, is no longer finite.
    case diverged
  }

  /// From 1.
  public let number: Int
  /// Which of the study's optimizers it tries.
  public let optimizer: String
  /// The values that it tries, under the keys of the dimensions.
  public let parameters: [String: String]
  public let configuration: RunConfiguration
  public var state = State.waiting
  /// The number of epochs after which it is next compared.
  public var target: Int
  /// The number of recorded epochs.
  public var epochs = 0
  /// The value by which it is ranked; nil before the first rung and after a divergence.
  public var metric: Double?
  /// Seconds of work.
  public var seconds = 0.0
  /// Why it diverged.
  public var note: String?

  init(number: Int, optimizer: String, parameters: [String: String], configuration: RunConfiguration, target: Int) {
    self.number = number
    self.optimizer = optimizer
    self.parameters = parameters
    self.configuration = configuration
    self.target = target
  }

  /// Whether `a` ranks above `b` by `objective`: more epochs first, then the better metric. Trials without a metric
  /// come last, the diverged ones at the very end.
  static func ranks(_ a: Trial, above b: Trial, by objective: Objective) -> Bool {
    switch (a.metric, b.metric) {
    case (nil, nil):
      if (a.state == .diverged) != (b.state == .diverged) { return b.state == .diverged }
      return a.number < b.number
    case (nil, _): return false
    case (_, nil): return true
    case (let x?, let y?):
      if a.epochs != b.epochs { return a.epochs > b.epochs }
      return x == y ? a.number < b.number : objective.isBetter(x, than: y)
    }
  }
}
