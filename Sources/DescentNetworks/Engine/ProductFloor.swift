import COneDNN
import Descent

/// The matrix products and convolutions of a training step of a model, alone: forward, the weights' gradients and the
/// inputs' gradients, by oneDNN, on memory of their own that is warm after the first run.
///
/// A training step that uses these products cannot be faster.
package final class ProductFloor {
  private var products: [any Product] = []
  private let threads: Int
  /// Multiplications of a run.
  package private(set) var multiplications = 0

  /// - Parameters:
  ///   - model: A model of ``ModelCatalogue``: its convolutions keep the image's extents, and a pooling after each halves
  ///     them.
  ///   - batch: Examples, at least 1.
  ///   - threads: Threads of each product.
  /// - Throws: ``NetworkError`` if the parameters are not those of such a model.
  package init(of model: some Model, batch: Int, threads: Int) throws(NetworkError) {
    self.threads = threads
    onednn_set_threads(Int32(threads))
    var extents = Array(model.inputShape.prefix(2))
    // The first layer's input is the batch: its gradient is of no use.
    var isFirst = true
    for block in model.layout.blocks where block.shape.count > 1 {
      if block.shape.count == 2 {
        addDense(batch, inputs: block.shape[0], outputs: block.shape[1], hasInputGradient: !isFirst)
      } else {
        try addConvolution(batch, extents, kernel: block.shape, hasInputGradient: !isFirst)
        extents = extents.map { ($0 + 1) / 2 }
      }
      isFirst = false
    }
  }

  /// Computes all of them.
  package func step() throws(NetworkError) {
    onednn_set_threads(Int32(threads))
    for product in products { try product.run() }
  }

  private func addDense(_ batch: Int, inputs: Int, outputs: Int, hasInputGradient: Bool) {
    let (x, w, y) = (Memory(batch * inputs), Memory(inputs * outputs), Memory(batch * outputs))
    func add(_ transposing: (Bool, Bool), _ m: Int, _ n: Int, _ k: Int, _ a: Memory, _ b: Memory, into c: Memory) {
      multiplications += m * n * k
      products.append(MatrixMultiplication(transposing: transposing, m: m, n: n, k: k, a: a, b: b, c: c))
    }
    add((false, false), batch, outputs, inputs, x, w, into: y)
    add((true, false), inputs, outputs, batch, x, y, into: Memory(inputs * outputs))
    if hasInputGradient { add((false, true), batch, inputs, outputs, y, w, into: Memory(batch * inputs)) }
  }

  private func addConvolution(
    _ batch: Int, _ extents: [Int], kernel: [Int], hasInputGradient: Bool
  ) throws(NetworkError) {
    let sliding = SlidingWindow(height: kernel[0], width: kernel[1], strideY: 1, strideX: 1, padding: .same)
    var window = try sliding.fitted(to: extents + [kernel[2]], outputChannels: kernel[3], layer: "convolution")
    window.batch = batch
    let pixels = batch * extents[0] * extents[1]
    let (x, w, y) = (Memory(pixels * kernel[2]), Memory(kernel.reduce(1, *)), Memory(pixels * kernel[3]))
    let (bias, dw) = (Memory(kernel[3]), Memory(kernel.reduce(1, *)))
    try add(onednn_convolution_relu, window, [x, w, bias, y])
    try add(onednn_convolution_weight_gradient, window, [x, y, dw, bias])
    if hasInputGradient { try add(onednn_convolution_input_gradient, window, [y, w, Memory(pixels * kernel[2])]) }
  }

  private func add(_ kind: onednn_kind, _ window: Window, _ arguments: [Memory]) throws(NetworkError) {
    multiplications +=
      window.batch * window.output.reduce(1, *) * window.input[2] * window.sliding.height * window.sliding.width
    products.append(try WindowedProduct(kind, window, arguments))
  }
}

private protocol Product {
  func run() throws(NetworkError)
}

/// C ← op(A) op(B).
private struct MatrixMultiplication: Product {
  let transposing: (Bool, Bool)
  let m, n, k: Int
  let a, b, c: Memory

  func run() throws(NetworkError) {
    let status = onednn_multiply(
      transposing.0, transposing.1, Int64(m), Int64(n), Int64(k), a.elements, Int64(transposing.0 ? m : k), b.elements,
      Int64(transposing.1 ? k : n), 0, c.elements, Int64(n))
    try Engine.check(status, "matrix multiplication \(m)×\(k)×\(n)")
  }
}

/// A convolution or a gradient of one, with its working memory.
private final class WindowedProduct: Product {
  private let operation: OpaquePointer
  private let arguments: [Memory]
  private let scratch: Memory

  init(_ kind: onednn_kind, _ window: Window, _ arguments: [Memory]) throws(NetworkError) {
    var shape = window.shape
    var made: OpaquePointer?
    try Engine.check(onednn_create(&made, kind, &shape), "an operation for \(window)")
    operation = made!
    scratch = Memory((onednn_scratch_bytes(operation) + 3) / 4)
    self.arguments = arguments
  }

  deinit { onednn_destroy(operation) }

  func run() throws(NetworkError) {
    let pointers = arguments.map { UnsafeMutableRawPointer($0.elements) as UnsafeMutableRawPointer? }
    try Engine.check(onednn_run(operation, pointers, scratch.elements), "a convolution")
  }
}

/// Numbers that neither vanish nor overflow in products.
private final class Memory {
  let elements: UnsafeMutablePointer<Float>

  init(_ count: Int) {
    let raw = UnsafeMutableRawPointer.allocate(byteCount: max(1, count) * MemoryLayout<Float>.stride, alignment: 64)
    elements = raw.bindMemory(to: Float.self, capacity: max(1, count))
    for i in 0..<count { elements[i] = Float(i % 7 - 3) * 0.01 }
  }

  deinit { UnsafeMutableRawPointer(elements).deallocate() }
}
