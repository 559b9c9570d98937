import Descent
import Testing

@testable import DescentNetworks

/// A network as the engine's model and as a ``ReferenceNetwork``.
struct CurvatureCase: CustomTestStringConvertible, Sendable {
  let testDescription: String
  let inputShape: [Int]
  let layers: [any Layer]
  let loss: ReferenceNetwork.Loss
  let reference: [ReferenceNetwork.Layer]
  var exampleCount = 4

  init(
    _ name: String, _ inputShape: [Int], _ layers: [any Layer], _ loss: ReferenceNetwork.Loss,
    _ reference: [ReferenceNetwork.Layer]
  ) {
    testDescription = name
    (self.inputShape, self.layers, self.loss, self.reference) = (inputShape, layers, loss, reference)
  }

  static let noise = RandomStream(seed: 11, name: "noise")

  /// Perceptrons with each activation and each loss, and small convolutional networks.
  static let all: [CurvatureCase] =
    Activation.allCases.flatMap { f in
      [
        ("softmax", ReferenceNetwork.Loss.softmax([0, 2, 1, 2]), 3), ("sigmoid", .sigmoid, 5), ("squared", .squared, 5),
      ]
      .map { name, loss, outputs in
        CurvatureCase(
          "\(f) with \(name)", [5],
          [Dense(4, activation: f), Dense(3, activation: f), Dense(outputs)], loss,
          [.dense(5, 4, f), .dense(4, 3, f), .dense(3, outputs, .identity)])
      }
    } + [
      CurvatureCase(
        "logistic regression", [5], [Dense(3)], .softmax([0, 2, 1, 2]), [.dense(5, 3, .identity)]),
      CurvatureCase(
        "nonlinear outputs", [5], [Dense(4, activation: .tanh), Dense(5, activation: .sigmoid)], .squared,
        [.dense(5, 4, .tanh), .dense(4, 5, .sigmoid)]),
      CurvatureCase(
        "layers of nonlinearities", [5], [Dense(4), Nonlinearity(.softplus), Dense(4), Nonlinearity(.relu), Dense(3)],
        .softmax([0, 2, 1, 2]),
        [
          .dense(5, 4, .identity), .activation(.softplus), .dense(4, 4, .identity), .activation(.relu),
          .dense(4, 3, .identity),
        ]),
      CurvatureCase(
        "convolutions, tanh, maximum", [6, 6, 2],
        [
          Convolution(3, window: 3, activation: .tanh), MaxPooling(3, stride: 2, padding: .symmetric(1)),
          Convolution(2, window: 3, activation: .sigmoid), Flatten(), Dense(3),
        ], .softmax([0, 2, 1, 2]),
        [
          .convolution([6, 6, 2], window: 3, stride: 1, margin: 1, filters: 3, .tanh),
          .pooling([6, 6, 3], window: 3, stride: 2, margin: 1, .maximum),
          .convolution([3, 3, 3], window: 3, stride: 1, margin: 1, filters: 2, .sigmoid),
          .dense(18, 3, .identity),
        ]),
      CurvatureCase(
        "convolutions, ReLU, means", [6, 6, 1],
        [
          Convolution(2, window: 3, stride: 1, activation: .relu), AveragePooling(2, padding: .symmetric(1)),
          Convolution(2, window: 3, activation: .softplus),
          AveragePooling(3, stride: 1, padding: .symmetric(1), countsPadding: true), Flatten(), Dense(3),
        ], .softmax([0, 2, 1, 2]),
        [
          .convolution([6, 6, 1], window: 3, stride: 1, margin: 1, filters: 2, .relu),
          .pooling([6, 6, 2], window: 2, stride: 2, margin: 1, .average()),
          .convolution([4, 4, 2], window: 3, stride: 1, margin: 1, filters: 2, .softplus),
          .pooling([4, 4, 2], window: 3, stride: 1, margin: 1, .average(countsPadding: true)),
          .dense(32, 3, .identity),
        ]),
      CurvatureCase(
        "strides", [7, 7, 1],
        [
          Convolution(3, window: 3, stride: 2, padding: .none, activation: .tanh), MaxPooling(2, stride: 1), Flatten(),
          Dense(2),
        ],
        .softmax([0, 1, 1, 0]),
        [
          .convolution([7, 7, 1], window: 3, stride: 2, margin: 0, filters: 3, .tanh),
          .pooling([3, 3, 3], window: 2, stride: 1, margin: 0, .maximum), .dense(12, 2, .identity),
        ]),
      CurvatureCase(
        "dropout", [5],
        [Dense(6, activation: .tanh), Dropout(0.4), Dense(4, activation: .softplus), Dense(3)],
        .softmax([0, 2, 1, 2]),
        [
          .dense(5, 6, .tanh), .dropout(CurvatureCase.dropoutFactors(rate: 0.4, count: 24)),
          .dense(6, 4, .softplus), .dense(4, 3, .identity),
        ]),
    ]

  /// A word of the stream below the rate drops an element.
  static func dropoutFactors(rate: Double, count: Int) -> [Double] {
    var words = [UInt32](repeating: 0, count: count)
    var stream = noise
    words.withUnsafeMutableBufferPointer { stream.fillWords($0) }
    return words.map { Double($0) < rate * 0x1p32 ? 0 : 1 / (1 - rate) }
  }

  var batch: Batch {
    let values = randomValues(exampleCount * inputShape.reduce(1, *)).map { isSigmoid ? abs($0) : $0 }
    let labels: [Int32] = if case .softmax(let labels) = loss { labels.map(Int32.init) } else { [] }
    return Batch(inputs: .dense(values, shape: [exampleCount] + inputShape), labels: labels)
  }

  var hasConvolutions: Bool { layers.contains { $0 is Convolution } }

  private var isSigmoid: Bool { if case .sigmoid = loss { true } else { false } }

  func model() throws -> any Model {
    if case .softmax = loss { return try Classifier(inputShape: inputShape, layers: layers) }
    var parameters = ParameterList()
    let network = try Sequential(inputShape: inputShape, layers, declaring: &parameters)
    let isSigmoid = isSigmoid
    return try Probe(inputShape: inputShape, parameters: parameters) { x, _, tape throws(NetworkError) in
      let y = try network(x, on: tape)
      return isSigmoid ? try tape.sigmoidCrossEntropy(y, targets: x) : try tape.squaredError(y, targets: x)
    }
  }

  func network() -> ReferenceNetwork {
    guard case .dense(let values, _) = batch.inputs else { preconditionFailure() }
    let inputs = values.map(Double.init)
    let size = inputShape.reduce(1, *)
    return ReferenceNetwork(
      layers: reference, loss: loss, inputs: (0..<exampleCount).map { Array(inputs[$0 * size..<($0 + 1) * size]) })
  }

  func objective(threads: Int = 1) throws -> BatchObjective {
    BatchObjective(batch, of: try model(), on: Engine(threadCount: threads), noise: Self.noise)
  }

  /// First values; biases too differ from 0.
  func start(of layout: ParameterLayout) throws -> ParameterVector<Float> {
    try randomVector(layout, scale: 0.8, seed: 5)
  }
}

/// A vector with numbers from U(−scale, scale).
func randomVector(_ layout: ParameterLayout, scale: Double = 1, seed: UInt64) throws -> ParameterVector<Float> {
  var v = ParameterVector<Float>(zeros: layout)
  for (i, block) in layout.blocks.enumerated() {
    try v.assign(randomValues(block.count, scale: scale, seed: seed + 100 * UInt64(i)), to: block.name)
  }
  return v
}

extension ParameterVector<Float> {
  /// The elements of all blocks one after the other, without padding.
  var numbers: [Double] {
    layout.blocks.flatMap { block in withUnsafeElements { Array($0[block.elements]).map(Double.init) } }
  }
}

/// Compares block by block: the error is at most `bound` times the block's largest element, or the vector's where a block
/// is zero.
func expectClose(
  _ found: ParameterVector<Float>, _ expected: [Double], bound: Double,
  sourceLocation: SourceLocation = #_sourceLocation
) {
  var start = 0
  let (values, largest) = (found.numbers, expected.map { abs($0) }.max() ?? 0)
  #expect(values.count == expected.count && largest > 0, sourceLocation: sourceLocation)
  for block in found.layout.blocks {
    let range = start..<start + block.count
    start += block.count
    let scale = max(expected[range].map { abs($0) }.max()!, 1e-3 * largest)
    let error = range.map { i in abs(values[i] - expected[i]) }.max()!
    #expect(error <= bound * scale, "\(block.name): \(error / scale)", sourceLocation: sourceLocation)
  }
}
