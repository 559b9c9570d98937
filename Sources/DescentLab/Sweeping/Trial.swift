/// One of a study's runs: what it tries, and how far it is.
public struct Trial: Hashable, Sendable {
  public enum State: String, CaseIterable, Sendable {
    /// To be trained, or being trained: whoever holds the lock of its folder trains it.
    case waiting
    /// On a rung that others have not reached yet.
    case paused
    /// Halving goes on without it.
    case stopped
    /// All its epochs are done.
    case finished
    /// Its loss is not finite any more.
    case diverged
  }

  /// From 1.
  public let number: Int
  /// Which of the study's optimizers it tries.
  public let optimizer: String
  /// The values that it tries, by the keys of the dimensions.
  public let parameters: [String: String]
  public let configuration: RunConfiguration
  public var state = State.waiting
  /// Epochs after which it is compared next.
  public var target: Int
  /// Epochs that are recorded.
  public var epochs = 0
  /// What it is ranked by; nil before the first rung and after a divergence.
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

  /// Whether `a` stands above `b` in a ranking by `objective`: more epochs first, then the better metric; what has
  /// diverged or has not begun comes last.
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
