import Descent
import Testing

@testable import DescentNetworks

/// Windows of every sort: even and odd, with and without stride and padding, as large as the image.
let slidingWindows = [
  SlidingWindow(3, stride: 1, padding: .same),
  SlidingWindow(3, stride: 2, padding: .same),
  SlidingWindow(2, stride: 1, padding: .same),
  SlidingWindow(5, stride: 1, padding: .symmetric(2)),
  SlidingWindow(3, stride: 2, padding: .symmetric(1)),
  SlidingWindow(2, stride: 2, padding: .none),
  SlidingWindow(1, stride: 1, padding: .none),
  SlidingWindow(height: 6, width: 2, strideY: 1, strideX: 3, padding: .none),
]

@Suite struct ConvolutionTests {
  static let imageShape = [6, 7, 3]

  static func model(
    _ sliding: SlidingWindow, filters: Int, activation: Activation = .identity
  ) throws -> Probe {
    var parameters = ParameterList()
    let weight = parameters.declare(
      "weight", shape: [sliding.height, sliding.width, imageShape[2], filters], initializer: .heNormal)
    let bias = parameters.declare("bias", shape: [filters], initializer: .zeros)
    return try Probe(inputShape: imageShape, parameters: parameters) { x, _, tape throws(NetworkError) in
      let y = try tape.convolution(
        x, weight: weight, bias: bias, stride: (sliding.strideY, sliding.strideX), padding: sliding.padding,
        activation: activation)
      return try tape.squaredError(y, targets: target(of: y))
    }
  }

  /// The loss by its definition, in double precision.
  static func expectedLoss(
    _ sliding: SlidingWindow, filters: Int, x: [Float], batch: Int, θ: ParameterVector<Float>
  ) throws -> Double {
    let window = try sliding.fitted(to: imageShape, outputChannels: filters, layer: "")
    let w = try θ.values(of: "weight").map(Double.init)
    let b = try θ.values(of: "bias").map(Double.init)
    let (height, width, channels) = (imageShape[0], imageShape[1], imageShape[2])
    var y: [Double] = []
    for n in 0..<batch {
      for oy in 0..<window.output[0] {
        for ox in 0..<window.output[1] {
          for f in 0..<filters {
            var sum = b[f]
            for wy in 0..<sliding.height {
              for wx in 0..<sliding.width {
                let iy = oy * sliding.strideY + wy - window.top
                let ix = ox * sliding.strideX + wx - window.left
                guard (0..<height).contains(iy), (0..<width).contains(ix) else { continue }
                for c in 0..<channels {
                  sum +=
                    Double(x[((n * height + iy) * width + ix) * channels + c])
                    * w[((wy * sliding.width + wx) * channels + c) * filters + f]
                }
              }
            }
            y.append(sum)
          }
        }
      }
    }
    let t = targetValues(count: y.count).map(Double.init)
    return zip(y, t).reduce(0) { $0 + ($1.0 - $1.1) * ($1.0 - $1.1) } / Double(batch)
  }

  @Test(arguments: slidingWindows)
  func valuesAgreeWithTheDefinition(_ sliding: SlidingWindow) throws {
    let model = try Self.model(sliding, filters: 5)
    var θ = model.initialParameters(seed: 2)
    try θ.assign(randomValues(5), to: "bias")
    let x = randomValues(2 * 6 * 7 * 3)
    let expected = try Self.expectedLoss(sliding, filters: 5, x: x, batch: 2, θ: θ)
    let loss = try Engine().evaluate(model, Batch(inputs: .dense(x, shape: [2, 6, 7, 3])), at: θ).loss
    #expect(abs(loss - expected) < 1e-5 * expected)
  }

  @Test(arguments: slidingWindows)
  func gradientOfEachWindow(_ sliding: SlidingWindow) throws {
    try expectGradientIsRight(Self.model(sliding, filters: 2), randomBatch([2, 6, 7, 3]))
  }

  @Test(arguments: Activation.allCases.filter { $0 != .relu })
  func gradientOfEachActivation(_ activation: Activation) throws {
    // The first convolution's gradient passes through the second one's input gradient.
    let model = try Classifier(
      inputShape: [5, 5, 2],
      layers: [
        Convolution(3, window: 3, activation: activation, initializer: .heNormal),
        Convolution(4, window: 2, stride: 2, activation: activation, initializer: .heNormal), Flatten(), Dense(3),
      ])
    try expectGradientIsRight(model, randomBatch([3, 5, 5, 2], labels: [0, 1, 2]))
  }

  /// A window of one element is a dense layer over the pixels; ReLU's kinks rule out difference quotients here.
  @Test(arguments: Activation.allCases)
  func windowOfOneAgreesWithTheDenseLayer(_ activation: Activation) throws {
    func model(isConvolution: Bool) throws -> Probe {
      var parameters = ParameterList()
      let shapes = isConvolution ? [[1, 1, 3, 18], [1, 1, 18, 4]] : [[3, 18], [18, 4]]
      let weights = shapes.enumerated().map { i, shape in
        (
          parameters.declare("weight\(i)", shape: shape, initializer: .heNormal),
          parameters.declare("bias\(i)", shape: [shape.last!], initializer: .zeros)
        )
      }
      return try Probe(inputShape: [4, 5, 3], parameters: parameters) { x, _, tape throws(NetworkError) in
        var y = isConvolution ? x : Tensor(shape: [40, 3], storage: x.storage, isDifferentiable: false)
        for (weight, bias) in weights {
          y =
            isConvolution
            ? try tape.convolution(y, weight: weight, bias: bias, activation: activation)
            : try tape.linear(y, weight: weight, bias: bias, activation: activation)
        }
        return try tape.squaredError(y, targets: target(of: y))
      }
    }
    let models = (try model(isConvolution: true), try model(isConvolution: false))
    let noise = RandomStream(seed: 0, name: "")
    var (g, h) = (ParameterVector<Float>(zeros: models.0.layout), ParameterVector<Float>(zeros: models.1.layout))
    var (θ, φ) = (g, h)
    for block in models.0.layout.blocks {
      let values = randomValues(block.count, seed: UInt64(block.offset))
      try θ.assign(values, to: block.name)
      try φ.assign(values, to: block.name)
    }
    let batch = randomBatch([2, 4, 5, 3])
    let a = try Engine().gradient(of: models.0, batch, at: θ, into: &g, noise: noise)
    let b = try Engine().gradient(of: models.1, batch, at: φ, into: &h, noise: noise)
    // The means are over 2 images and over 40 pixels.
    #expect(abs(a.loss - 20 * b.loss) < 1e-5 * a.loss)
    for (x, y) in zip(g.values, h.values) { #expect(abs(x - 20 * y) < 1e-4 * max(1, abs(x))) }
  }

  @Test func weightUsedTwice() throws {
    var parameters = ParameterList()
    let weight = parameters.declare("weight", shape: [3, 3, 2, 2], initializer: .heNormal)
    let bias = parameters.declare("bias", shape: [2], initializer: .zeros)
    let model = try Probe(inputShape: [4, 4, 2], parameters: parameters) { x, _, tape throws(NetworkError) in
      let y = try tape.convolution(x, weight: weight, bias: bias, activation: .tanh)
      let z = try tape.convolution(y, weight: weight, bias: bias)
      return try tape.squaredError(z, targets: target(of: z))
    }
    try expectGradientIsRight(model, randomBatch([2, 4, 4, 2]))
  }
}

/// Targets that do not depend on the output.
func targetValues(count: Int) -> [Float] { randomValues(count, seed: 99) }

func target(of y: Tensor) -> Tensor {
  let target = Tensor(
    shape: y.shape, storage: .pooled(BufferPool().buffer(count: y.count)), isDifferentiable: false)
  target.mutableElements.update(from: targetValues(count: y.count), count: y.count)
  return target
}
