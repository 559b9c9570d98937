import Descent
import Testing

@testable import DescentNetworks

@Suite struct PoolingTests {
  static let kinds: [PoolingKind] = [.maximum, .average(countsPadding: true), .average(countsPadding: false)]

  /// The pooled images by their definition.
  static func expected(_ kind: PoolingKind, _ sliding: SlidingWindow, x: [Double], shape: [Int]) throws -> [Double] {
    let (height, width, channels) = (shape[1], shape[2], shape[3])
    let window = try sliding.fitted(to: Array(shape.dropFirst()), layer: "")
    var y: [Double] = []
    for n in 0..<shape[0] {
      for oy in 0..<window.output[0] {
        for ox in 0..<window.output[1] {
          for c in 0..<channels {
            var inside: [Double] = []
            for wy in 0..<sliding.height {
              for wx in 0..<sliding.width {
                let iy = oy * sliding.strideY + wy - window.top
                let ix = ox * sliding.strideX + wx - window.left
                guard (0..<height).contains(iy), (0..<width).contains(ix) else { continue }
                inside.append(x[((n * height + iy) * width + ix) * channels + c])
              }
            }
            switch kind {
            case .maximum: y.append(inside.max()!)
            case .average(true): y.append(inside.reduce(0, +) / Double(sliding.height * sliding.width))
            case .average(false): y.append(inside.reduce(0, +) / Double(inside.count))
            }
          }
        }
      }
    }
    return y
  }

  @Test(arguments: kinds, slidingWindows)
  func valuesAgreeWithTheDefinition(_ kind: PoolingKind, _ sliding: SlidingWindow) throws {
    let x = randomValues(2 * 6 * 7 * 3)
    let expected = try Self.expected(kind, sliding, x: x.map(Double.init), shape: [2, 6, 7, 3])
    let model = try Probe(inputShape: [6, 7, 3], parameters: ParameterList()) { x, _, tape throws(NetworkError) in
      let y = try tape.pooling(x, kind, sliding)
      return try tape.squaredError(y, targets: target(of: y))
    }
    let result = try Engine().evaluate(
      model, Batch(inputs: .dense(x, shape: [2, 6, 7, 3])), at: model.initialParameters(seed: 0))
    let t = targetValues(count: expected.count).map(Double.init)
    let loss = zip(expected, t).reduce(0) { $0 + ($1.0 - $1.1) * ($1.0 - $1.1) } / 2
    #expect(abs(result.loss - loss) < 1e-5 * loss)
  }

  /// Differences cannot check a maximum that moves, so its gradient is compared with the definition's.
  @Test(arguments: kinds, slidingWindows)
  func gradientAgreesWithTheDefinition(_ kind: PoolingKind, _ sliding: SlidingWindow) throws {
    let shape = [2, 6, 7, 3]
    let values = randomValues(2 * 6 * 7 * 3)
    let y = try Self.expected(kind, sliding, x: values.map(Double.init), shape: shape)
    let t = targetValues(count: y.count)
    let dy = zip(y, t).map { 2 * ($0 - Double($1)) / 2 }
    // ⟨dy, pool(x + h·e)⟩ is linear in h as long as no maximum moves.
    var expected = [Double](repeating: 0, count: values.count)
    let h: Float = 1e-6
    for i in values.indices {
      var shifted = values.map(Double.init)
      shifted[i] += Double(h)
      let moved = try Self.expected(kind, sliding, x: shifted, shape: shape)
      expected[i] = zip(dy, zip(moved, y)).reduce(0) { $0 + $1.0 * ($1.1.0 - $1.1.1) } / Double(h)
    }
    let gradient = try inputGradient(of: shape, values) { x, tape throws(NetworkError) in
      let y = try tape.pooling(x, kind, sliding)
      return try tape.squaredError(y, targets: target(of: y))
    }
    for (g, e) in zip(gradient, expected) { #expect(abs(Double(g) - e) < 1e-5) }
  }

  @Test func maximumPassesTheGradientToTheFirstLargest() throws {
    var parameters = ParameterList()
    let weight = parameters.declare("weight", shape: [4, 4], initializer: .zeros)
    let bias = parameters.declare("bias", shape: [4], initializer: .zeros)
    let model = try Probe(inputShape: [4], parameters: parameters) { x, _, tape throws(NetworkError) in
      let z = try tape.reshape(tape.linear(x, weight: weight, bias: bias), to: [2, 2, 1])
      return try tape.squaredError(
        tape.reshape(tape.pooling(z, .maximum, SlidingWindow(2, stride: 2, padding: .none)), to: [1]),
        targets: target(of: tape.tensor([1, 1])))
    }
    var θ = model.initialParameters(seed: 0)
    try θ.assign([1, 3, 3, 2], to: "bias")
    var g = ParameterVector<Float>(zeros: model.layout)
    let noise = RandomStream(seed: 0, name: "")
    let result = try Engine().gradient(of: model, randomBatch([1, 4]), at: θ, into: &g, noise: noise)
    let t = targetValues(count: 1)[0]
    #expect(abs(result.loss - Double((3 - t) * (3 - t))) < 1e-5)
    #expect(try g.values(of: "bias") == [0, 2 * (3 - t), 0, 0])
  }
}
