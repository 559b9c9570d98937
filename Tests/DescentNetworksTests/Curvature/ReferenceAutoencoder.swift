import Descent

@testable import DescentNetworks

/// The variational autoencoder with 4 pixels, 3 hidden units and 2 latent variables in hyper-dual numbers.
struct ReferenceAutoencoder {
  private let inputs: [[Double]]
  private let noise: [[Double]]

  init(_ batch: Batch) {
    guard case .dense(let values, let shape) = batch.inputs else { preconditionFailure() }
    inputs = (0..<shape[0]).map { i in (0..<4).map { Double(values[i * 4 + $0]) } }
    var drawn = [Float](repeating: 0, count: shape[0] * 2)
    var stream = CurvatureCase.noise
    drawn.withUnsafeMutableBufferPointer { stream.fillNormal($0) }
    noise = (0..<shape[0]).map { i in (0..<2).map { Double(drawn[i * 2 + $0]) } }
  }

  func loss(at θ: [HyperDual], isLinearized: Bool) -> HyperDual {
    typealias Layer = ReferenceNetwork.Layer
    var θ = θ[...]
    func linearized(_ x: [[HyperDual]]) -> [[HyperDual]] {
      isLinearized ? x.map { $0.map { HyperDual(f: $0.f, a: $0.a, b: $0.b) } } : x
    }
    let h = Layer.dense(4, 3, .softplus)(inputs.map { $0.map { HyperDual(f: $0) } }, &θ)
    let μ = Layer.dense(3, 2, .identity)(h, &θ)
    let v = Layer.dense(3, 2, .identity)(h, &θ)
    let z = μ.indices.map { i in
      (0..<2).map { j in μ[i][j] + noise[i][j] * HyperDual.exp(0.5 * v[i][j]) }
    }
    let x = linearized(Layer.dense(3, 4, .identity)(Layer.dense(2, 3, .softplus)(z, &θ), &θ))
    var sum = HyperDual(f: 0)
    for i in x.indices {
      for j in 0..<4 { sum += ReferenceNetwork.softplus(x[i][j]) - inputs[i][j] * x[i][j] }
    }
    for (μ, v) in zip(linearized(μ).joined(), linearized(v).joined()) {
      sum += 0.5 * (μ * μ + HyperDual.exp(v) - v - HyperDual(f: 1))
    }
    return (1 / Double(inputs.count)) * sum
  }
}
