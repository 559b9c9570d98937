import Descent
import RealModule

@testable import DescentNetworks

/// A network in double precision, whose derivatives are those of hyper-dual numbers: it shares no code with the engine.
struct ReferenceNetwork {
  enum Layer {
    case dense(Int, Int, Activation)
    /// Images of [height, width, channels]; windows with this step and this margin on each side.
    case convolution([Int], window: Int, stride: Int, margin: Int, filters: Int, Activation)
    case pooling([Int], window: Int, stride: Int, margin: Int, PoolingKind)
    case activation(Activation)
    /// The factors of dropout, for the whole batch.
    case dropout([Double])
  }

  enum Loss {
    case softmax([Int])
    /// Targets are the inputs.
    case sigmoid, squared
  }

  let layers: [Layer]
  let loss: Loss
  /// The batch.
  let inputs: [[Double]]

  /// The loss at θ, whose blocks are those of the layers in order. If `isLinearized`, the outputs' second derivatives are
  /// left out: the loss's second derivative is then that of the Gauss–Newton matrix.
  func loss(at θ: [HyperDual], isLinearized: Bool) -> HyperDual {
    var θ = θ[...]
    var x = inputs.map { $0.map { HyperDual(f: $0) } }
    for layer in layers { x = layer(x, &θ) }
    if isLinearized { x = x.map { $0.map { HyperDual(f: $0.f, a: $0.a, b: $0.b) } } }
    return loss(ofOutputs: x)
  }

  func loss(ofOutputs x: [[HyperDual]]) -> HyperDual {
    var sum = HyperDual(f: 0)
    for (i, z) in x.enumerated() {
      switch loss {
      case .softmax(let labels):
        let total = z.map(HyperDual.exp).reduce(HyperDual(f: 0), +)
        sum += HyperDual.log(total) - z[labels[i]]
      case .sigmoid: for (z, t) in zip(z, inputs[i]) { sum += Self.softplus(z) - t * z }
      case .squared:
        for (z, t) in zip(z, inputs[i]) {
          let difference = z - HyperDual(f: t)
          sum += difference * difference
        }
      }
    }
    return (1 / Double(inputs.count)) * sum
  }

  static func softplus(_ z: HyperDual) -> HyperDual { z.mapped(Activation.softplus.derivatives(at: z.f)) }

  /// M v, with the Hessian M or, if `isLinearized`, the Gauss–Newton matrix.
  func product(at θ: [Double], with v: [Double], isLinearized: Bool) -> [Double] {
    Self.product(at: θ, with: v) { loss(at: $0, isLinearized: isLinearized) }
  }

  /// The second derivatives ∂²f/∂v∂θᵢ.
  static func product(at θ: [Double], with v: [Double], of f: ([HyperDual]) -> HyperDual) -> [Double] {
    var point = zip(θ, v).map { HyperDual(f: $0, a: $1) }
    return θ.indices.map { i in
      point[i].b = 1
      defer { point[i].b = 0 }
      return f(point).ab
    }
  }
}

extension Activation {
  /// f(x), f′(x) and f″(x).
  func derivatives(at x: Double) -> (value: Double, first: Double, second: Double) {
    let p = 1 / (1 + Double.exp(-x))
    switch self {
    case .identity: return (x, 1, 0)
    case .relu: return x > 0 ? (x, 1, 0) : (0, 0, 0)
    case .tanh:
      let y = Double.tanh(x)
      return (y, 1 - y * y, -2 * y * (1 - y * y))
    case .sigmoid: return (p, p * (1 - p), p * (1 - p) * (1 - 2 * p))
    case .softplus: return (Double.log(1 + Double.exp(x)), p, p * (1 - p))
    }
  }
}

extension ReferenceNetwork.Layer {
  /// Takes its parameters from the front of θ.
  func callAsFunction(_ x: [[HyperDual]], _ θ: inout ArraySlice<HyperDual>) -> [[HyperDual]] {
    func take(_ count: Int) -> [HyperDual] {
      defer { θ = θ.dropFirst(count) }
      return Array(θ.prefix(count))
    }
    switch self {
    case .dense(let inputs, let outputs, let f):
      let (w, b) = (take(inputs * outputs), take(outputs))
      return x.map { x in
        (0..<outputs).map { j in
          var s = b[j]
          for i in 0..<inputs { s += x[i] * w[i * outputs + j] }
          return s.mapped(f.derivatives(at: s.f))
        }
      }
    case .convolution(let shape, let window, _, _, let filters, let f):
      let (w, b) = (take(window * window * shape[2] * filters), take(filters))
      return x.map { x in
        places.flatMap { place in
          (0..<filters).map { j in
            var s = b[j]
            for (k, pixel) in place {
              for c in 0..<shape[2] { s += x[pixel * shape[2] + c] * w[(k * shape[2] + c) * filters + j] }
            }
            return s.mapped(f.derivatives(at: s.f))
          }
        }
      }
    case .pooling(let shape, let window, _, _, let kind):
      return x.map { x in
        places.flatMap { place in
          (0..<shape[2]).map { c in
            let values = place.map { x[$0.pixel * shape[2] + c] }
            switch kind {
            case .maximum: return values.dropFirst().reduce(values[0]) { $1.f > $0.f ? $1 : $0 }
            case .average(let countsPadding):
              let count = countsPadding ? window * window : values.count
              return (1 / Double(count)) * values.reduce(HyperDual(f: 0), +)
            }
          }
        }
      }
    case .activation(let f): return x.map { $0.map { $0.mapped(f.derivatives(at: $0.f)) } }
    case .dropout(let factors):
      return x.enumerated().map { i, x in x.indices.map { j in factors[i * x.count + j] * x[j] } }
    }
  }

  /// For each position of a window: the positions in the window that lie on the image, and their pixels.
  var places: [[(position: Int, pixel: Int)]] {
    let (shape, window, stride, margin) =
      switch self {
      case .convolution(let shape, let window, let stride, let margin, _, _): (shape, window, stride, margin)
      case .pooling(let shape, let window, let stride, let margin, _): (shape, window, stride, margin)
      default: ([0, 0, 0], 1, 1, 0)
      }
    func starts(_ extent: Int) -> StrideThrough<Int> {
      stride == 0
        ? Swift.stride(from: 0, through: -1, by: 1)
        : Swift.stride(from: -margin, through: extent + margin - window, by: stride)
    }
    var places: [[(position: Int, pixel: Int)]] = []
    for top in starts(shape[0]) {
      for left in starts(shape[1]) {
        var place: [(position: Int, pixel: Int)] = []
        for i in 0..<window {
          for j in 0..<window {
            let (row, column) = (top + i, left + j)
            if (0..<shape[0]).contains(row), (0..<shape[1]).contains(column) {
              place.append((i * window + j, row * shape[1] + column))
            }
          }
        }
        places.append(place)
      }
    }
    return places
  }
}
