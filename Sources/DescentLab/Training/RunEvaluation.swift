import Descent
import DescentData
import DescentNetworks
import Foundation

/// What the checkpoint of a run makes of a data set.
public struct RunEvaluation: Codable, Hashable, Sendable {
  public let data: String
  public let split: String
  public let examples: Int
  public let loss: Double
  public let accuracy: Double?
  /// Epochs that were done when the checkpoint was written.
  public let epoch: Int
  public let step: Int

  /// Evaluates the checkpoint in the folder `path`.
  /// - Throws: An error that names the file, option or tensor at fault.
  public init(of path: String, _ configuration: RunConfiguration, onTrainingSplit: Bool = false) throws {
    let plan = try RunPlan(configuration)
    let model = plan.model
    var θ = model.initialParameters(seed: configuration.seed)
    let optimizer = try plan.optimizer(for: θ)
    let checkpoint = RunCheckpoint(path: RunFolder.checkpoint(in: path), seed: configuration.seed)
    guard checkpoint.exists else { throw RunError.noCheckpoint(checkpoint.path) }
    // The data may be others than the run's, with other steps.
    let position = try checkpoint.read(into: &θ, optimizer) { $0.problem(epochs: configuration.epochs) }
    let result = try Evaluation(
      of: model, on: onTrainingSplit ? plan.dataset.train : plan.dataset.test, at: optimizer.averagedParameters ?? θ,
      engine: Engine(threadCount: configuration.threads))
    data = plan.dataset.name
    split = onTrainingSplit ? "train" : "test"
    examples = result.examples
    loss = result.loss
    accuracy = result.accuracy
    epoch = position.epoch
    step = position.step
  }

  public var text: String {
    let right = accuracy.map { ", accuracy \(fixed(100 * $0, digits: 2)) %" } ?? ""
    return "\(data), \(examples) \(split) examples, after step \(step): loss \(fixed(loss, digits: 4))\(right)"
  }

  /// The evaluation as one line of JSON.
  public func json() -> String { JSON.line(self) }
}
