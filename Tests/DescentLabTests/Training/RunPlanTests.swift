import Descent
import Foundation
import TestSupport
import Testing

@testable import DescentData
@testable import DescentLab

@Suite struct RunPlanTests {
  private func plan(
    data: String, folder: String? = nil, model: String = "logistic", optimizer: String = "sgd",
    batchSize: Int? = nil
  ) throws -> RunPlan {
    try RunPlan(
      RunConfiguration(
        data: data, dataFolder: folder, model: model, optimizer: optimizer, epochs: 1, batchSize: batchSize, seed: 1,
        threads: 1))
  }

  /// The default batch is reduced to the size of the data set; a larger batch that the user asks for is refused, even if
  /// it is the default.
  @Test func theDefaultBatchFitsSmallDataSets() throws {
    let plan = try plan(data: "digits:train=20,test=5")
    #expect(plan.configuration.batchSize == 20 && plan.stepsPerEpoch == 1)
    #expect(try self.plan(data: "digits:train=200,test=5").configuration.batchSize == 128)
    for size in [21, 128] {
      let error = #expect(throws: RunError.self) { try self.plan(data: "digits:train=20,test=5", batchSize: size) }
      #expect(error?.description.contains("--batch is '\(size)', but must be at most the 20") == true)
    }
  }

  @Test func dataOfOneClassAreRefused() throws {
    let scratch = try TemporaryFolder()
    try "7 1:1\n7 2:1\n".write(toFile: "\(scratch.path)/t", atomically: false, encoding: .utf8)
    let error = #expect(throws: RunError.self) { try plan(data: "libsvm:train=t", folder: scratch.path) }
    #expect(error?.description.contains("one class, 7,") == true)
    // Of a data set with ten classes, too, it counts which of them occur.
    let digit = #expect(throws: RunError.self) { try plan(data: "digits:train=1,test=5") }
    #expect(digit?.description.contains("of one class,") == true)
    try writeIDX(labels: [3, 3], in: scratch.path)
    let image = #expect(throws: RunError.self) { try plan(data: "fashion", folder: scratch.path) }
    #expect(image?.description.contains("'fashion' are of one class, Dress,") == true)
    try writeIDX(labels: [3, 4], in: scratch.path)
    #expect(try plan(data: "fashion", folder: scratch.path).dataset.train.count == 2)
    // To evaluate, there may be one, and fewer examples than the run's batch had.
    let evaluated = try RunPlan(
      evaluating: RunConfiguration(
        data: "digits:train=1,test=5", model: "logistic", optimizer: "sgd", epochs: 1, batchSize: 64, seed: 1,
        threads: 1))
    #expect(evaluated.dataset.test.count == 5)
  }

  /// What a method needs with its options, and the model or its sparse rows cannot give, is refused before a run begins.
  @Test func whatTheModelCannotGiveIsRefused() throws {
    let digits = "digits:train=20,test=5"
    for (method, lacking) in [
      ("kfac", ObjectiveCapability.sampledLabels), ("ekfac", .sampledLabels), ("adaptivekfac", .sampledLabels),
      ("tnt", .sampledGradients), ("mbf:labels=sampled", .sampledGradients), ("sophiag", .sampledGradients),
    ] {
      let name = String(method.prefix { $0 != ":" })
      #expect(throws: ObjectiveError.lacks(lacking, objective: "model 'vae'", method: name)) {
        try plan(data: digits, model: "vae", optimizer: method)
      }
    }
    for method in ["kfac:labels=given", "tnt:labels=given", "mbf", "kbfgs", "hessianfree"] {
      #expect(throws: Never.self) { try plan(data: digits, model: "vae", optimizer: method) }
    }
    let scratch = try TemporaryFolder()
    try "1 1:1\n2 2:1\n".write(toFile: "\(scratch.path)/t", atomically: false, encoding: .utf8)
    #expect(throws: ObjectiveError.lacks(.layers, objective: "model 'logistic' on sparse rows", method: "kfac")) {
      try plan(data: "libsvm:train=t", folder: scratch.path, optimizer: "kfac")
    }
    #expect(throws: Never.self) { try plan(data: "libsvm:train=t", folder: scratch.path, optimizer: "sophiag") }
  }

  /// Images of one pixel in the format of MNIST, with `labels` for both splits.
  private func writeIDX(labels: [UInt8], in folder: String) throws {
    let count = UInt8(labels.count)
    for split in ["train", "t10k"] {
      try AtomicFile.write([0, 0, 8, 1, 0, 0, 0, count] + labels, to: "\(folder)/\(split)-labels-idx1-ubyte")
      try AtomicFile.write(
        [0, 0, 8, 3, 0, 0, 0, count, 0, 0, 0, 1, 0, 0, 0, 1] + labels, to: "\(folder)/\(split)-images-idx3-ubyte")
    }
  }

  /// Files of zeros hold airplanes alone.
  @Test func photographsOfOneClassAreRefused() throws {
    let scratch = try TemporaryFolder()
    let folder = scratch.path
    func load(lastLabel: UInt8) throws -> Dataset {
      for name in CIFAR10.trainFiles + [CIFAR10.testFile] {
        var records = [UInt8](repeating: 0, count: 2 * 3073)
        if name == CIFAR10.trainFiles.last { records[3073] = lastLabel }
        try AtomicFile.write(records, to: "\(folder)/\(name)")
      }
      return try CIFAR10(recordsPerFile: 2).load(
        FileSearch("cifar10", in: URL(filePath: folder), subfolders: [], fetchName: nil))
    }
    let error = try #require(throws: RunError.self) { try RunPlan.checkClasses(of: load(lastLabel: 0)) }
    #expect(error.description.contains("'cifar10' are of one class, airplane,"))
    try RunPlan.checkClasses(of: load(lastLabel: 9))
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
    let scratch = try TemporaryFolder()
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
