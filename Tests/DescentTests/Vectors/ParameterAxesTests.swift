import Descent
import Foundation
import Testing

@Suite struct ParameterAxesTests {
  private func block(_ shape: [Int], _ axes: ParameterAxes) throws -> ParameterLayout.Block {
    try ParameterLayout([("w", shape, axes)]).blocks[0]
  }

  @Test func thePackagesOrderIsTakenUnlessSomethingElseIsSaid() throws {
    let layout = try ParameterLayout([("scalar", []), ("bias", [4]), ("dense", [3, 4]), ("kernel", [5, 5, 3, 4])])
    #expect(
      layout.blocks.map(\.axes) == [[], [.output], [.input, .output], [.window, .window, .input, .output]])
    let torch = try ParameterLayout([("bias", [4]), ("dense", [4, 3]), ("conv", [4, 3, 5, 5])], axes: .outputsFirst)
    #expect(torch.blocks.map(\.axes) == [[.output], [.output, .input], [.output, .input, .window, .window]])
    // The full form means the same.
    #expect(try ParameterLayout([("w", [3, 4], [.input, .output])]) == ParameterLayout([("w", [3, 4])]))
    #expect(try ParameterLayout([("w", [3, 4], [.output, .input])]) != ParameterLayout([("w", [3, 4])]))
  }

  /// The parameters in the documentation's list, and others.
  static let parameters: [(shape: [Int], axes: ParameterAxes, fanIn: Int, fanOut: Int, outputs: Int, isMatrix: Bool)] =
    [
      ([784, 10], .outputsLast, 784, 10, 10, true),
      ([10, 784], .outputsFirst, 784, 10, 10, true),
      ([10], .outputsLast, 1, 10, 10, false),
      ([], .outputsLast, 1, 1, 1, false),
      ([5, 5, 16, 32], .outputsLast, 400, 800, 32, true),
      ([32, 16, 5, 5], .outputsFirst, 400, 800, 32, true),
      ([3, 3, 16], [.window, .window, .output], 9, 144, 16, true),
      ([3, 3, 8, 6], [.window, .window, .output, .input], 54, 72, 8, true),
      ([64, 4, 16], [.input, .output, .output], 64, 64, 64, true),
      ([4, 16, 60], [.input, .input, .output], 64, 60, 60, true),
      ([4, 16], [.output, .output], 1, 64, 64, false),
      ([4], [.input], 4, 1, 1, false),
    ]

  @Test(arguments: parameters)
  func fans(_ shape: [Int], _ axes: ParameterAxes, fanIn: Int, fanOut: Int, outputs: Int, isMatrix: Bool) throws {
    let fans = try block(shape, axes).fans
    #expect(fans.fanIn == fanIn && fans.fanOut == fanOut && fans.outputs == outputs && fans.isMatrix == isMatrix)
  }

  @Test func anotherNumberOfRolesThanExtentsIsRefused() {
    #expect(throws: LayoutError.invalidAxes(name: "w", shape: [3, 4], axes: [.input])) {
      try ParameterLayout([("w", [3, 4], [.input])])
    }
    #expect(
      LayoutError.invalidAxes(name: "w", shape: [3, 4], axes: [.input]).description
        == "parameter 'w' has shape [3, 4], but its axes are given as input: give one role for each extent")
  }

  @Test func differencesAreNamed() throws {
    let ours = try ParameterLayout([("w", [3, 4]), ("b", [4])])
    let torchs = try ParameterLayout([("w", [3, 4]), ("b", [4])], axes: .outputsFirst)
    #expect(ours.difference(from: torchs) == "the axes of 'w' are output,input instead of input,output")
    var θ = ParameterVector<Float>(zeros: ours)
    var optimizer = try Optimizer(Muon<Float>(), for: θ)
    #expect(throws: LayoutError.self) { try optimizer.step(&θ, gradient: ParameterVector(zeros: torchs)) }
  }

  @Test(arguments: [ParameterAxes.outputsLast, .outputsFirst, [.input, .output], [.window, .output, .input]])
  func textIsReadBack(_ axes: ParameterAxes) {
    #expect(ParameterAxes("\(axes)") == axes)
  }

  @Test(arguments: ["", "outputslast", "input,", "in,out", "input;output", "outputsFirst,input"])
  func otherTextIsNone(_ text: String) { #expect(ParameterAxes(text) == nil) }

  @Test func layoutsAreReadBack() throws {
    let layout = try ParameterLayout([("a", [3, 4], .outputsFirst), ("b", [4], .outputsLast)])
    let text = try JSONEncoder().encode(layout)
    #expect(try JSONDecoder().decode(ParameterLayout.self, from: text) == layout)
    // A layout that was written before layouts had axes.
    let old = #"[{"name": "w", "shape": [2, 2, 3, 4], "offset": 0, "count": 48}]"#
    #expect(
      try JSONDecoder().decode(ParameterLayout.self, from: Data(old.utf8)) == ParameterLayout([("w", [2, 2, 3, 4])]))
  }
}
