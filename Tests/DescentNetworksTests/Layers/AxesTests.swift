import Descent
import Testing

@testable import DescentNetworks

/// The axes that layers declare for their parameters.
@Suite struct AxesTests {
  @Test func everyModelDeclaresItsInputsAndOutputs() throws {
    let model = try ModelCatalogue.model(named: "smallcnn", inputShape: [28, 28, 1], classCount: 10)
    let found = model.layout.blocks.map { ($0.name, $0.fans.fanIn, $0.fans.outputs, $0.fans.isMatrix) }
    let expected = [
      ("convolution1.weight", 25, 16, true), ("convolution1.bias", 1, 16, false),
      ("convolution2.weight", 400, 32, true), ("convolution2.bias", 1, 32, false),
      ("dense1.weight", 1568, 128, true), ("dense1.bias", 1, 128, false),
      ("dense2.weight", 128, 10, true), ("dense2.bias", 1, 10, false),
    ]
    #expect(found.elementsEqual(expected, by: ==))
    for entry in ModelCatalogue.entries {
      let options = entry.options.contains { $0.name == "hidden" } ? ["hidden": "20"] : [:]
      let model = try ModelCatalogue.model(named: entry.name, inputShape: [8, 8, 1], classCount: 3, options: options)
      for block in model.layout.blocks {
        #expect(block.fans.isMatrix == block.name.hasSuffix("weight"), "\(entry.name), \(block.name)")
      }
    }
  }

  /// A weight declared with torch's order of axes has the same first values as ours, transposed.
  @Test(arguments: [Initializer.heNormal, .glorotUniform, .sparse(count: 3)])
  func initialValuesFollowTheAxes(_ initializer: Initializer) throws {
    func values(_ shape: [Int], _ axes: ParameterAxes) throws -> [Float] {
      var parameters = ParameterList()
      _ = parameters.declare("w", shape: shape, axes: axes, initializer: initializer)
      return try parameters.initialValues(seed: 1, layout: parameters.layout()).values(of: "w")
    }
    let (ours, torchs) = try (values([2, 3, 5, 7], .outputsLast), values([7, 5, 2, 3], .outputsFirst))
    for (window, input, output) in (0..<6).flatMap({ w in (0..<5).flatMap { i in (0..<7).map { (w, i, $0) } } }) {
      #expect(torchs[(output * 5 + input) * 6 + window] == ours[(window * 5 + input) * 7 + output])
    }
    #expect(Set(ours).count > 10)
  }
}
