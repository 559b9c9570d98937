import Descent
import DescentData
import DescentNetworks
import Foundation

/// The loss and accuracy of a run's checkpoint on a data set.
public struct RunEvaluation: Codable, Hashable, Sendable {
  public let data: String
  public let split: String
  public let examples: Int
  /// Nil without examples.
  public let loss: Double?
  public let accuracy: Double?
  /// Epochs that were done when the checkpoint was written.
  public let epoch: Int
  public let step: Int

  /// Evaluates the checkpoint in the folder `path`.
  /// - Throws: An error that names the file, option or tensor at fault.
  public init(of path: String, _ configuration: RunConfiguration, onTrainingSplit: Bool = false) throws {
    let plan = try RunPlan(evaluating: configuration)
    let model = plan.model
    var θ = model.initialParameters(seed: configuration.seed)
    var optimizer = try plan.optimizer(for: θ)
    let checkpoint = RunCheckpoint(path: RunFolder.checkpoint(in: path), seed: configuration.seed)
    guard checkpoint.exists else { throw RunError.noCheckpoint(checkpoint.path) }
    // The data set may be another than the run's, with another number of steps.
    let position = try checkpoint.read(into: &θ, &optimizer) { $0.problem(epochs: configuration.epochs) }
    let result = try Evaluation(
      of: model, on: onTrainingSplit ? plan.dataset.train : plan.dataset.test, at: optimizer.average ?? θ,
      engine: Engine(threadCount: configuration.threads))
    data = plan.dataset.name
    split = onTrainingSplit ? "train" : "test"
    examples = result?.examples ?? 0
    loss = result?.loss
    accuracy = result?.accuracy
    epoch = position.epoch
    step = position.step
  }

  /// Why the evaluation says nothing about what the run has learned; nil if it does.
  public var problem: RunError? {
    guard let loss else { return .noExamples(data, split: split) }
    return loss.isFinite
      ? nil
      : .diverged(
        epoch: epoch, step: step,
        reason: "the \(split) loss is \(fixed(loss, digits: 1)); a lower learning rate may help")
  }

  public var text: String {
    let right = accuracy.map { ", accuracy \(fixed(100 * $0, digits: 2)) %" } ?? ""
    let mean = loss.map { "loss \(fixed($0, digits: 4))\(right)" } ?? "no loss"
    return "\(data), \(examples) \(split) examples, after step \(step): \(mean)"
  }

  /// The evaluation as one line of JSON; the loss is null if there were no examples.
  public func json() -> String { JSON.line(self) }

  public func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(data, forKey: .data)
    try container.encode(split, forKey: .split)
    try container.encode(examples, forKey: .examples)
    try container.encode(loss, forKey: .loss)
    try container.encodeIfPresent(accuracy, forKey: .accuracy)
    try container.encode(epoch, forKey: .epoch)
    try container.encode(step, forKey: .step)
  }
}
