import Descent

@testable import DescentNetworks

extension ReferenceNetwork {
  /// The diagonal M[i, i] of the Hessian or, if `isLinearized`, of the Gauss–Newton matrix.
  static func diagonal(at θ: [Double], of f: ([HyperDual]) -> HyperDual) -> [Double] {
    var point = θ.map { HyperDual(f: $0) }
    return θ.indices.map { i in
      (point[i].a, point[i].b) = (1, 1)
      defer { (point[i].a, point[i].b) = (0, 0) }
      return f(point).ab
    }
  }

  /// Becker and LeCun's recursion. For each variable v of a layer y(v), an input or a parameter:
  ///
  ///     ∂L/∂v = Σ ∂L/∂y ∂y/∂v,  ∂²L/∂v² = Σ ∂²L/∂y² (∂y/∂v)² + ∂L/∂y ∂²y/∂v²,
  ///
  /// the last term with the full form only.
  func diagonal(at θ: [Double], _ form: CurvatureForm) -> [Double] {
    var rest = θ.map { HyperDual(f: $0) }[...]
    var steps: [(layer: Layer, input: [[Double]], parameters: [HyperDual])] = []
    var x = inputs
    for layer in layers {
      let before = rest
      let y = layer(x.map { $0.map { HyperDual(f: $0) } }, &rest)
      steps.append((layer, x, Array(before.prefix(before.count - rest.count))))
      x = y.map { $0.map(\.f) }
    }
    var (g, h) = outputDerivatives(at: x)
    var result: [Double] = []
    for (layer, input, parameters) in steps.reversed() {
      /// Σ over an example's outputs of what `y` carries.
      func passBack(_ y: [HyperDual], _ example: Int) -> (g: Double, h: Double) {
        var sums = (g: 0.0, h: 0.0)
        for (j, y) in y.enumerated() {
          sums.g += g[example][j] * y.a
          sums.h += h[example][j] * y.a * y.a + (form == .full ? g[example][j] * y.ab : 0)
        }
        return sums
      }
      let constant = input.map { $0.map { HyperDual(f: $0) } }
      let ofParameters = parameters.indices.map { i in
        var moved = parameters
        (moved[i].a, moved[i].b) = (1, 1)
        var slice = moved[...]
        let y = layer(constant, &slice)
        return y.indices.reduce(0) { $0 + passBack(y[$1], $1).h }
      }
      result = ofParameters + result
      var (before, secondBefore) = (input, input)
      for i in input[0].indices {
        var moved = constant
        for example in moved.indices { (moved[example][i].a, moved[example][i].b) = (1, 1) }
        var slice = parameters[...]
        let y = layer(moved, &slice)
        for example in y.indices { (before[example][i], secondBefore[example][i]) = passBack(y[example], example) }
      }
      (g, h) = (before, secondBefore)
    }
    return result
  }

  /// The mean loss's first and second derivative by each output.
  private func outputDerivatives(at outputs: [[Double]]) -> (g: [[Double]], h: [[Double]]) {
    let last = ReferenceNetwork(layers: [], loss: loss, inputs: inputs)
    var (g, h) = (outputs, outputs)
    for example in outputs.indices {
      for j in outputs[example].indices {
        var moved = outputs.map { $0.map { HyperDual(f: $0) } }
        (moved[example][j].a, moved[example][j].b) = (1, 1)
        let value = last.loss(ofOutputs: moved)
        (g[example][j], h[example][j]) = (value.a, value.ab)
      }
    }
    return (g, h)
  }
}
