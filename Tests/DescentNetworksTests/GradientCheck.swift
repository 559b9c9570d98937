import Descent
import Testing

@testable import DescentNetworks

/// A model made from a closure, to check single operations.
struct Probe: Model {
  let layout: ParameterLayout
  let inputShape: [Int]
  var classCount: Int? = nil
  let parameters: ParameterList
  let body: @Sendable (Tensor, [Int32], Tape) throws(NetworkError) -> Loss

  init(
    inputShape: [Int], parameters: ParameterList,
    body: @escaping @Sendable (Tensor, [Int32], Tape) throws(NetworkError) -> Loss
  ) throws {
    self.inputShape = inputShape
    self.parameters = parameters
    self.body = body
    layout = try parameters.layout()
  }

  func initialParameters(seed: UInt64) -> ParameterVector<Float> {
    parameters.initialValues(seed: seed, layout: layout)
  }

  func loss(of input: Tensor, labels: [Int32], on tape: Tape) throws(NetworkError) -> Loss {
    try body(input, labels, tape)
  }
}

/// `count` numbers from U(−scale, scale).
func randomValues(_ count: Int, scale: Double = 1, seed: UInt64 = 7) -> [Float] {
  var stream = RandomStream(seed: seed, name: "test values")
  return (0..<count).map { _ in Float(stream.uniform(in: -scale..<scale)) }
}

/// A dense batch of random values.
func randomBatch(_ shape: [Int], labels: [Int32] = [], scale: Double = 1, seed: UInt64 = 7) -> Batch {
  Batch(inputs: .dense(randomValues(shape.reduce(1, *), scale: scale, seed: seed), shape: shape), labels: labels)
}

/// Compares every element of the gradient with five-point central differences of the loss.
///
/// The loss is summed in double precision from single-precision values, so a difference over h = 1/64 is good to about
/// 10⁻⁵ of the loss; `tolerance` is relative to the largest gradient element of the block plus that error. Where the
/// differences for h and h/4 disagree, the loss has a kink (ReLU, maximum): such elements, at most a tenth, are left out.
func expectGradientIsRight(
  _ model: some Model, _ batch: Batch, tolerance: Double = 2e-3, seed: UInt64 = 5,
  θ start: ParameterVector<Float>? = nil,
  sourceLocation: SourceLocation = #_sourceLocation
) throws {
  let engine = Engine(threadCount: 1)
  let noise = RandomStream(seed: 11, name: "noise")
  var θ = start ?? model.initialParameters(seed: seed)
  if start == nil {
    // Biases too must differ from 0.
    for block in model.layout.blocks where block.name.hasSuffix("bias") {
      try θ.assign(randomValues(block.count, scale: 0.3, seed: seed), to: block.name)
    }
  }
  var g = ParameterVector<Float>(zeros: model.layout)
  // Earlier contents of g must not matter.
  for block in model.layout.blocks { try g.assign(Array(repeating: 1e3, count: block.count), to: block.name) }
  let result = try engine.gradient(of: model, batch, at: θ, into: &g, noise: noise)

  func loss(_ i: Int, _ δ: Float) throws -> Double {
    var shifted = θ
    shifted.withUnsafeMutableElements { $0[i] += δ }
    var unused = ParameterVector<Float>(zeros: model.layout)
    return try engine.gradient(of: model, batch, at: shifted, into: &unused, noise: noise).loss
  }
  func difference(_ i: Int, _ h: Float) throws -> Double {
    let near = try loss(i, h) - loss(i, -h)
    let far = try loss(i, 2 * h) - loss(i, -2 * h)
    return (8 * near - far) / (12 * Double(h))
  }

  var kinkCount = 0
  for block in model.layout.blocks {
    let values = try g.values(of: block.name)
    let scale = values.map { Double($0.magnitude) }.max()!
    #expect(scale > 1e-6, "the gradient of \(block.name) is zero", sourceLocation: sourceLocation)
    let bound = tolerance * scale + 3e-5 * max(1, result.loss.magnitude)
    for (j, i) in block.elements.enumerated() {
      let expected = try difference(i, 1 / 64)
      if abs(Double(values[j]) - expected) <= bound { continue }
      if try abs(difference(i, 1 / 256) - expected) > bound / 8 {
        kinkCount += 1
        continue
      }
      Issue.record(
        "∂loss/∂\(block.name)[\(j)] is \(values[j]), differences give \(expected) ± \(bound)",
        sourceLocation: sourceLocation)
    }
  }
  #expect(kinkCount * 10 <= model.layout.parameterCount, "too many kinks", sourceLocation: sourceLocation)
}

/// ∂loss/∂x of the loss that `body` computes; unlike a network's input, x has a gradient.
func inputGradient(
  of shape: [Int], _ values: [Float], _ body: (Tensor, Tape) throws(NetworkError) -> Loss
) throws -> [Float] {
  let (engine, layout) = (Engine(), try ParameterLayout([]))
  var g: Float = 0
  return try withUnsafeMutablePointer(to: &g) { g in
    let noise = RandomStream(seed: 0, name: "")
    let tape = Tape(
      engine: engine, layout: layout, θ: UnsafePointer(g), gradients: WholeGradient(g, layout: layout), noise: noise)
    let x = tape.tensor(shape)
    x.mutableElements.update(from: values, count: values.count)
    try tape.backward(from: body(x, tape))
    return Array(UnsafeBufferPointer(start: try #require(x.gradient).elements, count: values.count))
  }
}
