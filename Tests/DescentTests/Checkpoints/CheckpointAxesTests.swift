import Descent
import Foundation
import TestSupport
import Testing

/// A checkpoint keeps which extents of a parameter are inputs and which are outputs.
@Suite struct CheckpointAxesTests {
  private let folder: TemporaryFolder
  private var path: String { folder.path + "/checkpoint.safetensors" }

  init() throws { folder = try TemporaryFolder() }

  private static let tensors = [("square", [4, 4]), ("kernel", [3, 2, 5, 2]), ("bias", [3])]

  /// θ after some steps, from θ₀ or from a checkpoint that was made before step 3.
  private func run(
    _ rule: some TensorRule<Float>, _ axes: ParameterAxes, interrupted: Bool
  ) throws -> ParameterVector<Float> {
    var θ = ParameterVector<Float>(zeros: try ParameterLayout(Self.tensors, axes: axes))
    var g = θ
    var optimizer = try Optimizer(rule, for: θ)
    for t in 0..<6 {
      if interrupted, t == 2 {
        try optimizer.checkpoint(θ).write(to: path)
        θ = ParameterVector(zeros: θ.layout)
        optimizer = try Optimizer(rule, for: θ)
        try optimizer.restore(Checkpoint(contentsOf: path), into: &θ)
      }
      for block in θ.layout.blocks { try g.assign(randomVector(block.count, seed: UInt64(t)).values, to: block.name) }
      try optimizer.step(&θ, gradient: g)
    }
    return θ
  }

  private static let rules: [any TensorRule<Float>] = [
    Muon(), Adafactor(momentum: 0.9), Shampoo(form: .matrix), SOAP(form: .matrix), SM3(), LAMB(),
  ]

  @Test(arguments: [ParameterAxes.outputsLast, .outputsFirst])
  func resumesWithTheSameBits(_ axes: ParameterAxes) throws {
    func check(_ rule: some TensorRule<Float>) throws {
      #expect(
        try run(rule, axes, interrupted: true) == run(rule, axes, interrupted: false), "\(type(of: rule).name)")
    }
    for rule in Self.rules { try check(rule) }
  }

  /// If a method depends on the axes, its state fits only the axes with which it was made.
  @Test func otherAxesAreRefusedWhereTheyMatter() throws {
    func refusal(_ rule: some TensorRule<Float>, _ saved: ParameterAxes, _ axes: ParameterAxes) throws -> String? {
      let θ = ParameterVector<Float>(zeros: try ParameterLayout(Self.tensors, axes: saved))
      try Optimizer(rule, for: θ).checkpoint(θ).write(to: path)
      var target = ParameterVector<Float>(zeros: try ParameterLayout(Self.tensors, axes: axes))
      var optimizer = try Optimizer(rule, for: target)
      do {
        try optimizer.restore(Checkpoint(contentsOf: path), into: &target)
      } catch { return "\(error)" }
      #expect(target.layout == optimizer.layout)
      return nil
    }
    for rule in Self.rules {
      let matters = type(of: rule).dependsOnAxes
      for (saved, axes) in [(ParameterAxes.outputsFirst, ParameterAxes.outputsLast), (.outputsLast, .outputsFirst)] {
        let text = try refusal(rule, saved, axes)
        #expect(text?.contains("the axes of 'square' are") ?? false == matters, "\(type(of: rule).name): \(text ?? "")")
      }
    }
  }

  /// A file without axes, such as one of version 0.1, has the package's order; a file in that order mentions no axes.
  @Test func filesOfTheFirstVersionAreRead() throws {
    let θ = ParameterVector<Float>(zeros: try ParameterLayout(Self.tensors))
    var optimizer = try Optimizer(Muon<Float>(), for: θ)
    try optimizer.checkpoint(θ).write(to: path)
    #expect(try !#require(Safetensors(path: path).metadata["descent"]).contains("axes"))
    var restored = θ
    try optimizer.restore(Checkpoint(contentsOf: path), into: &restored)
    #expect(restored == θ)

    // Its Adafactor's options use the name of that time for the factored dimensions.
    let adafactor = Adafactor<Float>(factored: .last)
    var old = try Optimizer(adafactor, for: θ)
    try old.restore(old.checkpoint(θ), into: &restored)
    #expect(old.rule.factored == .last)
  }

  /// Element-wise methods do not see axes.
  @Test func elementwiseMethodsGoOnWhateverTheAxes() throws {
    var ours = ParameterVector<Float>(zeros: try ParameterLayout([("x", [4, 4])]))
    var torchs = ParameterVector<Float>(zeros: try ParameterLayout([("x", [4, 4])], axes: .outputsFirst))
    try ours.assign(randomVector(16, seed: 1).values, to: "x")
    var first = try Optimizer(Adam<Float>(), for: ours)
    try first.step(&ours, gradient: ours)
    try first.checkpoint(ours).write(to: path)
    var second = try Optimizer(Adam<Float>(), for: torchs)
    try second.restore(Checkpoint(contentsOf: path), into: &torchs)
    #expect(torchs.values == ours.values && torchs.layout == second.layout)
    try first.step(&ours, gradient: ours)
    try second.step(&torchs, gradient: torchs)
    #expect(torchs.values == ours.values)
  }
}
