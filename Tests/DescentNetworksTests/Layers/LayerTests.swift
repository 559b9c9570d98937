import Descent
import Testing

@testable import DescentNetworks

@Suite struct LayerTests {
  @Test func shapesAreInferredAndParametersNamed() throws {
    let model = try Classifier(
      inputShape: [28, 28, 1],
      layers: [
        Convolution(8, window: 5, padding: .none), MaxPooling(3, stride: 2), Nonlinearity(.relu), Dropout(0.1),
        Convolution(4, window: 3, stride: 2, activation: .tanh), AveragePooling(2), Flatten(), Dense(20), Dense(10),
      ])
    // 28 → 24 → 11 → 6 → 3
    #expect(
      model.layout.blocks.map(\.name) == [
        "convolution1.weight", "convolution1.bias", "convolution2.weight", "convolution2.bias", "dense1.weight",
        "dense1.bias", "dense2.weight", "dense2.bias",
      ])
    #expect(
      model.layout.blocks.map(\.shape) == [[5, 5, 1, 8], [8], [3, 3, 8, 4], [4], [36, 20], [20], [20, 10], [10]])
    #expect(model.classCount == 10)
    #expect(
      model.network.names == [
        "convolution1", "maxpooling1", "activation1", "dropout1", "convolution2", "averagepooling1", "flatten1",
        "dense1", "dense2",
      ])
  }

  /// The error with which the layers refuse an input shape; nil if they take it.
  static func refusal(_ inputShape: [Int], _ layers: [any Layer]) -> String? {
    do {
      _ = try Classifier(inputShape: inputShape, layers: layers)
      return nil
    } catch {
      return error.description
    }
  }

  @Test func unfittingLayersAreRefusedByName() throws {
    let dense = try #require(Self.refusal([28, 28, 1], [Dense(10)]))
    #expect(dense.contains("'dense1'") && dense.contains("[28, 28, 1]") && dense.contains("[features]"))
    let second = try #require(Self.refusal([8, 8, 1], [Flatten(), Dense(4), Convolution(3, window: 3)]))
    #expect(second.contains("'convolution1'") && second.contains("[4]") && second.contains("[height, width, channels]"))
    let small = try #require(Self.refusal([8, 8, 1], [MaxPooling(2), MaxPooling(2), MaxPooling(3)]))
    #expect(small.contains("'maxpooling3'") && small.contains("[2, 2, 1]") && small.contains("3×3"))
    let open = try #require(Self.refusal([8, 8, 1], [MaxPooling(2)]))
    #expect(open.contains("[classes]") && open.contains("[4, 4, 1]"))
    #expect(Self.refusal([], [Dense(3)]) != nil)
    #expect(Self.refusal([0], [Dense(3)]) != nil)
  }

  @Test(
    arguments: [
      Dense(0), Dense(-3), Convolution(0, window: 3), Convolution(4, window: 0), Convolution(4, window: 3, stride: 0),
      Convolution(4, window: 3, padding: .symmetric(-1)), MaxPooling(0), MaxPooling(2, stride: -1),
      MaxPooling(3, padding: .symmetric(3)), AveragePooling(2, padding: .symmetric(2)), Dropout(1), Dropout(-1),
    ] as [any Layer])
  func optionsOutOfRangeAreRefusedByName(_ layer: any Layer) throws {
    let inputShape = layer is Dense ? [64] : [8, 8, 1]
    let message = try #require(Self.refusal(inputShape, [layer]))
    #expect(message.contains("'\(type(of: layer).kind)1'") && message.contains("must be"))
  }

  @Test func batchOfAnotherShapeIsRefused() throws {
    let model = try Classifier(inputShape: [6, 6, 2], layers: [Convolution(4, window: 3), Flatten(), Dense(3)])
    let θ = model.initialParameters(seed: 0)
    var g = ParameterVector<Float>(zeros: model.layout)
    try g.assign([1, 2, 3, 4], to: "convolution1.bias")
    let before = g
    let engine = Engine()
    let noise = RandomStream(seed: 0, name: "")
    for shape in [[2, 6, 6, 1], [2, 6, 5, 2], [2, 72], [2]] {
      let error = #expect(throws: NetworkError.self) {
        try engine.gradient(of: model, randomBatch(shape, labels: [0, 1]), at: θ, into: &g, noise: noise)
      }
      let message = try #require(error?.description)
      #expect(
        message.contains("'convolution1'") && message.contains("\(shape)") && message.contains("[batch, 6, 6, 2]"))
    }
    let rows = try SparseRows(rowStarts: [0, 0], columns: [], values: [], columnCount: 72)
    #expect(throws: NetworkError.self) {
      try engine.gradient(of: model, Batch(inputs: .sparse(rows), labels: [0]), at: θ, into: &g, noise: noise)
    }
    #expect(throws: NetworkError.valueCount(expected: 144, found: 5, shape: [2, 6, 6, 2])) {
      let batch = Batch(inputs: .dense(Array(repeating: 0, count: 5), shape: [2, 6, 6, 2]), labels: [0, 1])
      return try engine.gradient(of: model, batch, at: θ, into: &g, noise: noise)
    }
    #expect(throws: NetworkError.emptyBatch) {
      try engine.gradient(of: model, Batch(inputs: .dense([], shape: [0, 6, 6, 2])), at: θ, into: &g, noise: noise)
    }
    #expect(throws: NetworkError.self) {
      try engine.gradient(
        of: model, randomBatch([2, 6, 6, 2], labels: [0, 7]), at: θ, into: &g, noise: noise)
    }
    #expect(g == before)
  }

  @Test func sparseRowsNeedADenseLayer() throws {
    let rows = try SparseRows(rowStarts: [0, 1], columns: [3], values: [1], columnCount: 8)
    let model = try Classifier(inputShape: [8], layers: [Nonlinearity(.relu), Dense(2)])
    let error = #expect(throws: NetworkError.self) {
      try Engine().evaluate(
        model, Batch(inputs: .sparse(rows), labels: [0]), at: model.initialParameters(seed: 0))
    }
    #expect(error?.description.contains("sparse") == true)
  }
}
