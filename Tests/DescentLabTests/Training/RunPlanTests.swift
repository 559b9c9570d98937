import Descent
import Foundation
import Testing

@testable import DescentLab

@Suite struct RunPlanTests {
  private func plan(
    data: String, folder: String? = nil, model: String = "logistic", optimizer: String = "sgd",
    batchSize: Int = RunConfiguration.standard.batchSize
  ) throws -> RunPlan {
    try RunPlan(
      RunConfiguration(
        data: data, dataFolder: folder, model: model, optimizer: optimizer, epochs: 1, batchSize: batchSize, seed: 1,
        threads: 1))
  }

  /// The default batch is reduced to the size of the data set; a larger batch that the user asks for is refused.
  @Test func theDefaultBatchFitsSmallDataSets() throws {
    let plan = try plan(data: "digits:train=20,test=5")
    #expect(plan.configuration.batchSize == 20 && plan.stepsPerEpoch == 1)
    #expect(try self.plan(data: "digits:train=200,test=5").configuration.batchSize == 128)
    let error = #expect(throws: RunError.self) { try self.plan(data: "digits:train=20,test=5", batchSize: 21) }
    #expect(error?.description.contains("--batch is '21'") == true)
  }

  @Test func dataOfOneClassAreRefused() throws {
    let scratch = try Scratch()
    try "7 1:1\n7 2:1\n".write(toFile: "\(scratch.path)/t", atomically: false, encoding: .utf8)
    let error = #expect(throws: RunError.self) { try plan(data: "libsvm:train=t", folder: scratch.path) }
    #expect(error?.description.contains("one class, 7,") == true)
    // Of a data set with ten classes, too, it counts which of them occur.
    let digit = #expect(throws: RunError.self) { try plan(data: "digits:train=1,test=5") }
    #expect(digit?.description.contains("of one class,") == true)
    // To evaluate, there may be one, and fewer examples than the run's batch had.
    let evaluated = try RunPlan(
      evaluating: RunConfiguration(
        data: "digits:train=1,test=5", model: "logistic", optimizer: "sgd", epochs: 1, batchSize: 64, seed: 1,
        threads: 1))
    #expect(evaluated.dataset.test.count == 5)
  }

  /// The activations of a batch count: of the small convolutional network they are 28 · 28 · 16 numbers and more.
  @Test func aBatchNeedsMemory() throws {
    func bytes(_ model: String, _ batch: Int) throws -> Double {
      try plan(data: "digits:train=300,test=5", model: model, batchSize: batch).byteCount
    }
    let perExample = try (bytes("smallcnn", 300) - bytes("smallcnn", 100)) / 200
    #expect(perExample > 2 * 4 * 28 * 28 * 16 && perExample < 4 * 2 * 4 * 28 * 28 * 16)
    #expect(try bytes("logistic", 300) - bytes("logistic", 100) == 200 * 4 * (784 + 2 * (784 + 10)))
  }

  /// A file of 16 bytes may ask for a model of any size, and so may the name of one layer.
  @Test func whatIsTooLargeForTheMemoryIsRefusedBeforeItIsMade() throws {
    let scratch = try Scratch()
    try "1 100000000:1\n2 1:1\n".write(toFile: "\(scratch.path)/t", atomically: false, encoding: .utf8)
    let plan = try plan(data: "libsvm:train=t", folder: scratch.path, optimizer: "sgd")
    #expect(abs(plan.byteCount - 2 * 4 * 200_000_002) < 1e3)
    func message(_ model: String, _ optimizer: String = "adam") throws -> String {
      do { _ = try self.plan(data: "libsvm:train=t", folder: scratch.path, model: model, optimizer: optimizer) } catch {
        return "\(error)"
      }
      return ""
    }
    #expect(try message("mlp:hidden=1000").contains("400 GB of memory are needed"))
    #expect(try message("mlp:hidden=1000000000").contains("more numbers than any memory holds"))
    #expect(try message("logistic", "adashift:keep=1000").contains("of memory are needed"))
  }
}
