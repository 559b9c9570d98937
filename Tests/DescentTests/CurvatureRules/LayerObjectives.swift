@testable import Descent

/// Layers whose inputs and output gradients are given, whatever θ; the gradient is their outer products' sum plus a
/// multiple of θ, so that it changes.
struct GivenLayers: LayerwiseObjective {
  typealias Scalar = Double

  /// For each layer: rows of inputs and rows of output gradients.
  var layers: [(inputs: [[Double]], outputs: [[Double]])]
  var places = 1
  var stiffness = 0.1

  func value(at θ: ParameterVector<Double>, gradient: inout ParameterVector<Double>) throws -> Double {
    gradient = θ
    gradient.scale(by: stiffness)
    for (layer, (inputs, outputs)) in zip(θ.layout.factoredLayers, layers) {
      let name = θ.layout.blocks[layer.weight].name.dropLast(6)
      var weight = try gradient.values(of: name + "weight")
      var bias = try gradient.values(of: name + "bias")
      for (x, d) in zip(inputs, outputs) {
        for j in d.indices {
          for i in x.indices { weight[i * d.count + j] += x[i] * d[j] }
          bias[j] += d[j]
        }
      }
      try gradient.assign(weight, to: name + "weight")
      try gradient.assign(bias, to: name + "bias")
    }
    return 0
  }

  func value(
    at θ: ParameterVector<Double>, gradient: inout ParameterVector<Double>, labels: CurvatureLabels,
    statistics body: (LayerStatistics<Double>) throws -> Void
  ) throws -> Double {
    for (i, (inputs, outputs)) in layers.enumerated() {
      // In two parts.
      let count = inputs.count / places
      for examples in [0..<1, 1..<count] {
        let rows = examples.lowerBound * places..<examples.upperBound * places
        let (x, dy) = (Array(inputs[rows].joined()), Array(outputs[rows].joined()))
        try x.withUnsafeBufferPointer { x in
          try dy.withUnsafeBufferPointer { dy in
            try body(
              LayerStatistics(
                layer: i, batchCount: count, exampleCount: examples.count,
                inputs: MatrixView(x.baseAddress!, rows: rows.count, columns: inputs[0].count),
                outputGradients: MatrixView(dy.baseAddress!, rows: rows.count, columns: outputs[0].count),
                multiply: { multiply($0, $1, into: $2, adds: $3) }))
          }
        }
      }
    }
    return try value(at: θ, gradient: &gradient)
  }
}

/// Linear regression, ½ the mean squared distance of W^T x + b from y, as one layer. Its statistics have the exact second
/// moment I of drawn labels' output gradients.
struct Regression: LayerwiseObjective, GaussNewtonObjective {
  typealias Scalar = Double

  let x, y: [[Double]]

  private var inverseCount: Double { 1 / Double(x.count) }

  private func outputs(_ θ: ParameterVector<Double>) throws -> [[Double]] {
    let (w, b) = (try θ.values(of: "dense0.weight"), try θ.values(of: "dense0.bias"))
    return x.map { x in b.indices.map { j in x.indices.reduce(b[j]) { $0 + x[$1] * w[$1 * b.count + j] } } }
  }

  func value(at θ: ParameterVector<Double>, gradient: inout ParameterVector<Double>) throws -> Double {
    let rows = zip(try outputs(θ), y).map { zip($0, $1).map { ($0 - $1) * inverseCount } }
    _ = try GivenLayers(layers: [(x, rows)], stiffness: 0).value(at: θ, gradient: &gradient)
    return 0.5 * Double(x.count) * rows.joined().reduce(0) { $0 + $1 * $1 }
  }

  func value(
    at θ: ParameterVector<Double>, gradient: inout ParameterVector<Double>, labels: CurvatureLabels,
    statistics body: (LayerStatistics<Double>) throws -> Void
  ) throws -> Double {
    // Rows whose second moment, count · Σ dy dyᵀ, is I, if the outputs divide the count.
    let n = y[0].count
    let dy = x.indices.map { i in (0..<n).map { $0 == i % n ? Double(n).squareRoot() * inverseCount : 0 } }
    var unused = gradient
    _ = try GivenLayers(layers: [(x, dy)]).value(at: θ, gradient: &unused, labels: labels, statistics: body)
    return try value(at: θ, gradient: &gradient)
  }

  func gaussNewtonProduct(
    at θ: ParameterVector<Double>, with v: ParameterVector<Double>, into product: inout ParameterVector<Double>
  ) throws {
    let rows = try outputs(v).map { $0.map { $0 * inverseCount } }
    _ = try GivenLayers(layers: [(x, rows)], stiffness: 0).value(at: v, gradient: &product)
  }
}
