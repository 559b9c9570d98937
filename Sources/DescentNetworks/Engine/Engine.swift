import COneDNN
import Descent

/// Computes losses and gradients of models; holds the memory, compiled primitives and number of threads for them.
///
/// ```swift
/// let engine = Engine()
/// var g = ParameterVector<Float>(zeros: model.layout)
/// let result = try engine.gradient(of: model, batch, at: θ, into: &g, noise: noise.substream(step))
/// ```
///
/// The same model, θ, batch, noise and thread count give the same bits. After the first batch of a size, memory no
/// longer grows. Only one thread at a time may use an engine; use one engine for each thread.
public final class Engine {
  let pool = BufferPool()
  var primitives: [Primitive.Key: Primitive] = [:]
  /// Threads of each operation.
  public let threadCount: Int

  /// - Parameter threadCount: Threads of each operation, 1 to 256; nil for OpenMP's choice: the number of processors,
  ///   or `OMP_NUM_THREADS`.
  public init(threadCount: Int? = nil) {
    self.threadCount = min(256, max(1, threadCount ?? Int(onednn_threads())))
  }

  /// The version of oneDNN in use.
  public static var oneDNNVersion: String { String(cString: onednn_version()) }

  /// Bytes of memory that the engine keeps for tensors.
  public var memoryByteCount: Int { pool.allocatedBytes }

  /// Writes ∂loss/∂θ into `g` and returns the loss. Earlier contents of `g` have no influence.
  ///
  /// - Parameters:
  ///   - model: The model, which computes the loss.
  ///   - batch: The examples.
  ///   - θ: The model's parameters.
  ///   - g: A vector of the same layout; unchanged if the batch is refused.
  ///   - noise: For dropout and samples; a substream for each step.
  /// - Throws: ``NetworkError`` if the batch or a vector does not fit the model.
  public func gradient(
    of model: some Model, _ batch: Batch, at θ: ParameterVector<Float>, into g: inout ParameterVector<Float>,
    noise: RandomStream
  ) throws(NetworkError) -> BatchResult {
    try gradient(of: model, batch, at: θ, into: &g, noise: noise, pass: .gradient)
  }

  /// The same for what another pass computes in the gradient's place, or for more passes than one.
  func gradient(
    of model: some Model, _ batch: Batch, at θ: ParameterVector<Float>, into g: inout ParameterVector<Float>,
    noise: RandomStream, pass: Pass = .gradient, by backward: Backward = Engine.onePass
  ) throws(NetworkError) -> BatchResult {
    if let difference = model.layout.difference(from: g.layout) { throw .vector(difference) }
    if let difference = model.layout.difference(from: θ.layout) { throw .vector(difference) }
    return try g.withUnsafeMutableElements { g throws(NetworkError) in
      let gradients = WholeGradient(g.baseAddress!, layout: model.layout)
      return try θ.withUnsafeElements { θ throws(NetworkError) in
        try run(model, batch, at: θ.baseAddress!, gradients, noise: noise, pass: pass, by: backward)
      }
    }
  }

  /// Hands ∂loss/∂θ to `step` block by block, each as soon as it is complete, and returns the loss.
  ///
  /// The whole gradient is never in memory at once. Errors are thrown before the first block is updated.
  ///
  /// - Parameters:
  ///   - model: The model, which computes the loss.
  ///   - batch: The examples.
  ///   - step: What an optimizer with `stepsByBlock` hands to its objective; it holds θ.
  ///   - noise: For dropout and samples; a substream for each step.
  /// - Throws: ``NetworkError`` if the batch or the parameters do not fit the model.
  public func gradient(
    of model: some Model, _ batch: Batch, for step: BlockStep<Float>, noise: RandomStream
  ) throws(NetworkError) -> BatchResult {
    if let difference = model.layout.difference(from: step.layout) { throw .vector(difference) }
    return try run(model, batch, at: step.parameters, BlockGradients(step, pool: pool), noise: noise)
  }

  /// The loss, with dropout switched off; records nothing.
  ///
  /// - Parameters:
  ///   - model: The model, which computes the loss.
  ///   - batch: The examples.
  ///   - θ: The model's parameters.
  ///   - noise: For models that draw samples.
  /// - Throws: ``NetworkError`` if the batch or θ does not fit the model.
  public func evaluate(
    _ model: some Model, _ batch: Batch, at θ: ParameterVector<Float>,
    noise: RandomStream = RandomStream(seed: 0, name: "evaluation")
  ) throws(NetworkError) -> BatchResult {
    if let difference = model.layout.difference(from: θ.layout) { throw .vector(difference) }
    return try θ.withUnsafeElements { θ throws(NetworkError) in
      try run(model, batch, at: θ.baseAddress!, nil, noise: noise)
    }
  }

  /// What follows the forward pass.
  typealias Backward = (Tape, Loss) throws(NetworkError) -> Void

  private static let onePass: @Sendable (Tape, Loss) throws(NetworkError) -> Void = {
    (tape, loss) throws(NetworkError) in
    try tape.backward(from: loss)
  }

  private func run(
    _ model: some Model, _ batch: Batch, at θ: UnsafePointer<Float>, _ gradients: (any GradientSink)?,
    noise: RandomStream, pass: Pass = .gradient, by backward: Backward = Engine.onePass
  ) throws(NetworkError) -> BatchResult {
    onednn_set_threads(Int32(threadCount))
    let tape = Tape(engine: self, layout: model.layout, θ: θ, gradients: gradients, noise: noise, pass: pass)
    return try withInput(batch) { input throws(NetworkError) in
      let loss = try model.loss(of: input, labels: batch.labels, on: tape)
      if gradients != nil { try backward(tape, loss) }
      return BatchResult(loss: loss.value, correct: loss.correct, count: batch.count)
    }
  }

  /// Calls `body` with the batch as a tensor that borrows its memory.
  private func withInput<R>(
    _ batch: Batch, _ body: (Tensor) throws(NetworkError) -> R
  ) throws(NetworkError) -> R {
    switch batch.inputs {
    case .dense(let values, let shape):
      guard let count = shape.first, count > 0 else { throw .emptyBatch }
      let expected = shape.reduce(1, *)
      guard values.count == expected, expected > 0 else {
        throw .valueCount(expected: expected, found: values.count, shape: shape)
      }
      return try values.withUnsafeBufferPointer { buffer throws(NetworkError) in
        try body(Tensor(shape: shape, storage: .borrowed(buffer.baseAddress!), isDifferentiable: false))
      }
    case .sparse(let rows):
      guard rows.rowCount > 0 else { throw .emptyBatch }
      return try rows.values.withUnsafeBufferPointer { buffer throws(NetworkError) in
        let values = buffer.baseAddress ?? UnsafePointer(bitPattern: 64)!
        let shape = [rows.rowCount, rows.columnCount]
        return try body(
          Tensor(shape: shape, storage: .sparse(rows, values: values, owner: nil), isDifferentiable: false))
      }
    }
  }

  static func check(_ status: Int32, _ operation: @autoclosure () -> String) throws(NetworkError) {
    guard status == 0 else { throw .oneDNN(operation: operation(), status: status, version: oneDNNVersion) }
  }
}
