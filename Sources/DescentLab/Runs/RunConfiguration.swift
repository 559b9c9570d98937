import Descent
import Foundation

/// Everything that determines a run: the content of `config.json`, and all that is needed to repeat the run.
public struct RunConfiguration: Codable, Hashable, Sendable {
  /// Name of the data set.
  public var data: String
  /// Folder of the data set's files; nil for data that the program makes itself.
  public var dataFolder: String?
  /// Name of the model, with options.
  public var model: String
  /// Name of the optimizer, with options.
  public var optimizer: String
  /// Passes over the training set.
  public var epochs: Int
  /// Samples in a step. Nil until the plan of the run has chosen: 128, or all of a smaller data set. A file always holds
  /// a number.
  public var batchSize: Int?
  /// The seed of all random numbers of the run.
  public var seed: UInt64
  /// Threads that compute. Results depend on it in the last bits.
  public var threads: Int
  /// The average of the parameters that is evaluated in their place: "polyak", or the decay of an exponential average.
  public var average: String?
  /// The largest norm of a gradient; longer gradients are scaled down to it.
  public var clipNorm: Double?
  /// Coefficient of the decoupled weight decay.
  public var weightDecay: Double?
  /// Whether each parameter is stepped as soon as its gradient is complete; nil for no.
  public var updateInBackward: Bool?
  /// The number of steps between measurements of what steps do to each parameter; nil for no measurements. No result
  /// depends on it.
  public var diagnostics: Int?

  public init(
    data: String, dataFolder: String? = nil, model: String, optimizer: String, epochs: Int, batchSize: Int? = nil,
    seed: UInt64, threads: Int, average: String? = nil, clipNorm: Double? = nil, weightDecay: Double? = nil
  ) {
    self.data = data
    self.dataFolder = dataFolder
    self.model = model
    self.optimizer = optimizer
    self.epochs = epochs
    self.batchSize = batchSize
    self.seed = seed
    self.threads = threads
    self.average = average
    self.clipNorm = clipNorm
    self.weightDecay = weightDecay
  }

  /// The first option that differs in `other`, in words; nil if none differs. The folder of the data, the threads and
  /// the diagnostics may differ.
  func difference(from other: RunConfiguration) -> String? {
    func text(_ value: some Any) -> String { "\(value)" }
    let values: [(option: String, mine: String?, other: String?)] = [
      ("--data", data, other.data), ("--model", model, other.model), ("--optimizer", optimizer, other.optimizer),
      ("--epochs", "\(epochs)", "\(other.epochs)"), ("--batch", batchSize.map(text), other.batchSize.map(text)),
      ("--seed", "\(seed)", "\(other.seed)"), ("--average", average, other.average),
      ("--clip-norm", clipNorm.map(text), other.clipNorm.map(text)),
      ("--weight-decay", weightDecay.map(text), other.weightDecay.map(text)),
      ("--update-in-backward", updateInBackward.map(text), other.updateInBackward.map(text)),
    ]
    return values.first { $0.mine != $0.other }.map { value in
      "\(value.mine.map { "\(value.option) \($0)" } ?? "no \(value.option)"), not \(value.other ?? "without")"
    }
  }

  /// Reads `path`, and checks its numbers like those of a user.
  /// - Returns: nil if there is no such file.
  /// - Throws: ``RunFolderError``.
  init?(contentsOf path: String) throws(RunFolderError) {
    guard let found = try Self.read(path) else { return nil }
    do throws(RunError) { try found.checkSaved() } catch {
      throw .invalidConfiguration(path, reason: error.description)
    }
    self = found
  }

  func write(to path: String) throws(FileError) {
    try AtomicFile.write(JSON.text(Versioned(self)), to: path)
  }
}

extension RunConfiguration: VersionedContent {
  static var version: Int { 1 }
}
