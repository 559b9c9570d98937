import COneDNN
import Descent

extension Tape {
  /// f(x ∗ W + b): each output is the sum over a window of the image and all its channels.
  ///
  /// - Parameters:
  ///   - x: [batch, height, width, inputs].
  ///   - weight: [window height, window width, inputs, outputs].
  ///   - bias: [outputs].
  ///   - stride: Steps between windows, down and to the right.
  ///   - padding: Margins of zeros.
  ///   - activation: f.
  ///   - layer: The layer's name, for errors.
  /// - Returns: [batch, output height, output width, outputs].
  /// - Throws: ``NetworkError`` if the shapes do not match.
  public func convolution(
    _ x: Tensor, weight: Parameter, bias: Parameter, stride: (y: Int, x: Int) = (1, 1), padding: Padding = .same,
    activation: Activation = .identity, layer: String = "convolution"
  ) throws(NetworkError) -> Tensor {
    guard weight.shape.count == 4, bias.shape == [weight.shape[3]] else {
      throw .shape(
        layer: layer, expected: "a weight [height, width, inputs, outputs] and a bias [outputs]", found: weight.shape)
    }
    guard x.shape.count == 4, x.shape[3] == weight.shape[2] else {
      throw .shape(layer: layer, expected: "[batch, height, width, \(weight.shape[2])]", found: x.shape)
    }
    let sliding = SlidingWindow(
      height: weight.shape[0], width: weight.shape[1], strideY: stride.y, strideX: stride.x, padding: padding)
    var window = try sliding.fitted(to: x.exampleShape, outputChannels: weight.shape[3], layer: layer)
    window.batch = x.batchCount
    let xs = try x.elements(for: "convolution")
    let y = tensor([x.batchCount] + window.output)
    let ys = y.mutableElements
    let isReLU = activation == .relu
    let forward = try engine.primitive(isReLU ? onednn_convolution_relu : onednn_convolution, window)
    try forward(xs, values(of: weight), values(of: bias), ys, pool: engine.pool)
    let count = y.count
    if !isReLU { engine.inParallel(count) { activation.apply(to: ys, in: $0) } }
    let curvature = ConvolutionCurvature(
      x: x, xs: xs, weight: weight, bias: bias, activation: activation, window: window, y: y, ys: ys)
    try record(y, weight: weight, bias: bias, curvature: curvature) { [unowned self, window] dy throws(NetworkError) in
      if isReLU {
        try engine.primitive(onednn_relu_gradient, window.ofOutput)(ys, dy.elements, pool: engine.pool)
      } else {
        engine.inParallel(count) { activation.applyDerivative(to: dy.elements, y: ys, in: $0) }
      }
      try observe(
        weight,
        LayerRows(
          inputs: .windows(xs, window), outputGradients: dy.elements, exampleCount: window.batch,
          rowCount: count / window.output[2]))
      if computesWeightGradients {
        let weightGradient = try engine.primitive(onednn_convolution_weight_gradient, window)
        try withOverwritableGradients(of: weight, bias) { dw, db throws(NetworkError) in
          try weightGradient(xs, dy.elements, dw, db, pool: engine.pool)
        }
      }
      guard x.isDifferentiable else { return }
      let dx = engine.pool.buffer(count: x.count)
      try engine.primitive(onednn_convolution_input_gradient, window)(
        dy.elements, values(of: weight), dx.elements, pool: engine.pool)
      x.receive(gradient: dx)
    }
    return y
  }

  /// Calls `body` with memory it may overwrite: the gradients at their first use, else buffers to be added to them.
  func withOverwritableGradients(
    of a: Parameter, _ b: Parameter,
    _ body: (UnsafeMutablePointer<Float>, UnsafeMutablePointer<Float>) throws(NetworkError) -> Void
  ) throws(NetworkError) {
    func target(_ parameter: Parameter) -> (elements: UnsafeMutablePointer<Float>, part: Buffer?) {
      let (elements, isFirst) = gradientTarget(of: parameter)
      return (elements, isFirst ? nil : engine.pool.buffer(count: parameter.count))
    }
    let targets = [(target(a), a.count), (target(b), b.count)]
    try body(targets[0].0.part?.elements ?? targets[0].0.elements, targets[1].0.part?.elements ?? targets[1].0.elements)
    for ((sum, part), count) in targets {
      if let part { for i in 0..<count { sum[i] += part.elements[i] } }
    }
  }
}

extension Window {
  /// A window of one element that slides over the output.
  fileprivate var ofOutput: Window {
    Window(
      batch: batch, input: output, output: output, sliding: SlidingWindow(1, stride: 1, padding: .none), top: 0,
      bottom: 0, left: 0, right: 0)
  }
}
