import COneDNN
import Descent

/// Runs only the matrix products and convolutions of a model's training step: forward, the weights' gradients and the
/// inputs' gradients. It uses oneDNN and memory of its own, which is warm after the first run.
///
/// A training step that uses these products cannot be faster.
package final class ProductFloor {
  private let engine: Engine
  private var runs: [(primitive: Primitive, arguments: [Buffer])] = []
  /// Multiplications in one run.
  package private(set) var multiplications = 0

  /// - Parameters:
  ///   - model: A model of ``ModelCatalogue``: its convolutions keep the image's extents, and a pooling after each halves
  ///     them.
  ///   - batch: Examples, at least 1.
  ///   - threads: Threads of each product.
  /// - Throws: ``NetworkError`` if the parameters are not those of such a model.
  package init(of model: some Model, batch: Int, threads: Int) throws(NetworkError) {
    engine = Engine(threadCount: threads)
    onednn_set_threads(Int32(threads))
    var extents = Array(model.inputShape.prefix(2))
    // The first layer's input is the batch, whose gradient is not needed.
    var isFirst = true
    for block in model.layout.blocks where block.fans.isMatrix {
      if block.axes.contains(.window) {
        try addConvolution(batch, extents, kernel: block.shape, hasInputGradient: !isFirst)
        extents = extents.map { ($0 + 1) / 2 }
      } else {
        try addDense(batch, inputs: block.fans.inputs, outputs: block.fans.outputs, hasInputGradient: !isFirst)
      }
      isFirst = false
    }
  }

  /// Computes all products and convolutions once.
  package func step() throws(NetworkError) {
    onednn_set_threads(Int32(engine.threadCount))
    for (primitive, arguments) in runs {
      try primitive(
        arguments[0].elements, arguments[1].elements, arguments[2].elements,
        arguments.count > 3 ? UnsafePointer(arguments[3].elements) : nil, pool: engine.pool)
    }
  }

  private func addDense(_ batch: Int, inputs: Int, outputs: Int, hasInputGradient: Bool) throws(NetworkError) {
    let (x, w, y) = (memory(batch * inputs), memory(inputs * outputs), memory(batch * outputs))
    try add([x, w, y], Product(m: batch, n: outputs, k: inputs))
    try add([x, y, memory(inputs * outputs)], Product(m: inputs, n: outputs, k: batch, transposesA: true))
    if hasInputGradient {
      try add([y, w, memory(batch * inputs)], Product(m: batch, n: inputs, k: outputs, transposesB: true))
    }
  }

  private func add(_ arguments: [Buffer], _ product: Product) throws(NetworkError) {
    multiplications += product.m * product.n * product.k
    runs.append((try engine.primitive(.product(product)), arguments))
  }

  private func addConvolution(
    _ batch: Int, _ extents: [Int], kernel: [Int], hasInputGradient: Bool
  ) throws(NetworkError) {
    let sliding = SlidingWindow(height: kernel[0], width: kernel[1], strideY: 1, strideX: 1, padding: .same)
    var window = try sliding.fitted(to: extents + [kernel[2]], outputChannels: kernel[3], layer: "convolution")
    window.batch = batch
    let pixels = batch * extents[0] * extents[1]
    let (x, w, y) = (memory(pixels * kernel[2]), memory(kernel.reduce(1, *)), memory(pixels * kernel[3]))
    let (bias, dw) = (memory(kernel[3]), memory(kernel.reduce(1, *)))
    try add(onednn_convolution_relu, window, [x, w, bias, y])
    try add(onednn_convolution_weight_gradient, window, [x, y, dw, bias])
    if hasInputGradient { try add(onednn_convolution_input_gradient, window, [y, w, memory(pixels * kernel[2])]) }
  }

  private func add(_ kind: onednn_kind, _ window: Window, _ arguments: [Buffer]) throws(NetworkError) {
    multiplications +=
      window.batch * window.output.reduce(1, *) * window.input[2] * window.sliding.height * window.sliding.width
    runs.append((try engine.primitive(kind, window), arguments))
  }

  /// A buffer of numbers whose products neither underflow nor overflow.
  private func memory(_ count: Int) -> Buffer {
    let buffer = engine.pool.buffer(count: count)
    for i in 0..<count { buffer.elements[i] = Float(i % 7 - 3) * 0.01 }
    return buffer
  }
}
