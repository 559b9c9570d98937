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
