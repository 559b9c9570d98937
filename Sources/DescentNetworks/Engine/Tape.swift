import COneDNN
import Descent

/// The operations of one forward pass, recorded so that the gradient can be computed backward through them.
///
/// A ``Model`` gets a tape, applies operations to tensors and returns a ``Loss``. Evaluation records nothing and
/// reuses each tensor's memory as soon as the model drops the tensor.
///
/// A tape is valid within the call that made it.
public final class Tape {
  let engine: Engine
  /// What the backward pass computes.
  let pass: Pass
  /// Whether dropout is active.
  public let isTraining: Bool
  /// Random numbers for dropout and samples; every draw advances the stream.
  public var noise: RandomStream

  private let layout: ParameterLayout
  private let θ: UnsafePointer<Float>
  private var gradients: (any GradientSink)?
  /// Looks at each layer in the backward pass, if somebody wants to.
  private var observer: LayerObserver?
  /// Whether a backward pass computes the gradients of weights: not if it is made for the observer alone.
  private(set) var computesWeightGradients = true
  private var entries: [Entry] = []
  /// How many entries on the tape add to the gradient of each block.
  private var uses: [Int]

  private struct Entry {
    let output: Tensor
    /// Indices of the operation's own parameters.
    let parameters: (Int, Int)?
    let backward: Backward
    /// For passes of curvature.
    let curvature: (any OperationCurvature)?
  }

  /// Passes the gradient of an operation's output on to its inputs and parameters. It may overwrite the buffer.
  typealias Backward = (_ outputGradient: Buffer) throws(NetworkError) -> Void

  init(
    engine: Engine, layout: ParameterLayout, θ: UnsafePointer<Float>, gradients: (any GradientSink)?,
    noise: RandomStream, pass: Pass = .gradient
  ) {
    self.engine = engine
    self.pass = pass
    self.layout = layout
    self.θ = θ
    self.gradients = gradients
    self.noise = noise
    isTraining = gradients != nil
    uses = Array(repeating: 0, count: layout.blocks.count)
  }

  /// Whether operations must keep what their gradients need.
  var isRecording: Bool { gradients != nil }

  /// A dense tensor with unspecified values.
  func tensor(_ shape: [Int], isDifferentiable: Bool = true) -> Tensor {
    let buffer = engine.pool.buffer(count: shape.reduce(1, *))
    return Tensor(shape: shape, storage: .pooled(buffer), isDifferentiable: isDifferentiable && isRecording)
  }

  func record(
    _ output: Tensor, curvature: some OperationCurvature, _ backward: @escaping Backward
  ) throws(NetworkError) {
    try record(output, parameters: nil, curvature, backward)
  }

  /// Records an operation that has a weight and a bias of its own.
  func record(
    _ output: Tensor, weight: Parameter, bias: Parameter, curvature: some OperationCurvature,
    _ backward: @escaping Backward
  ) throws(NetworkError) {
    try record(output, parameters: (weight.index, bias.index), curvature, backward)
  }

  private func record(
    _ output: Tensor, parameters: (Int, Int)?, _ curvature: some OperationCurvature, _ backward: @escaping Backward
  ) throws(NetworkError) {
    guard isRecording, output.isDifferentiable else { return }
    if pass.direction != nil { output.tangent = try curvature.tangent(on: self) }
    if let parameters {
      uses[parameters.0] += 1
      uses[parameters.1] += 1
    }
    let curvature: (any OperationCurvature)? = pass.isOfCurvature ? curvature : nil
    entries.append(Entry(output: output, parameters: parameters, backward: backward, curvature: curvature))
  }

  /// The values of `parameter` in θ.
  func values(of parameter: Parameter) -> UnsafePointer<Float> { θ + offset(of: parameter) }

  func offset(of parameter: Parameter) -> Int { layout.blocks[parameter.index].offset }

  /// The memory for the sum of `parameter`'s gradient. If `isFirst` is true, the caller overwrites it, else adds to it.
  func gradientTarget(of parameter: Parameter) -> (elements: UnsafeMutablePointer<Float>, isFirst: Bool) {
    gradients!.target(of: parameter)
  }

  /// Shows a layer's input and output gradient to the observer, if there is one.
  func observe(_ weight: Parameter, _ rows: @autoclosure () throws(NetworkError) -> LayerRows) throws(NetworkError) {
    guard let observer else { return }
    try observer.observe(weight: weight.index, try rows())
  }

  /// Computes ∂loss/∂θ like ``backward(from:)``, with an observer, but keeps the tape for another pass.
  func backwardKeeping(from loss: Loss, observer: LayerObserver?) throws(NetworkError) {
    self.observer = observer
    defer { self.observer = nil }
    loss.seed(1)
    try passBack()
    // Also those that no gradient has reached: they are 0.
    for index in uses.indices { gradients!.complete(index) }
  }

  /// A further pass with labels drawn from the model's predictions: their gradient goes to `gradients`, or nowhere if
  /// there is an observer alone.
  func backward(
    withDrawnLabelsOf loss: Loss, _ labels: inout RandomStream, into gradients: (any GradientSink)?,
    observer: LayerObserver?
  ) throws(NetworkError) {
    guard let draw = loss.seedDrawn else { throw .noLikelihood }
    self.observer = observer
    self.gradients = gradients ?? Scrap(pool: engine.pool)
    computesWeightGradients = gradients != nil
    defer { self.observer = nil }
    draw(1, &labels)
    try passBack()
    if let gradients { for index in uses.indices { gradients.complete(index) } }
  }

  private func passBack() throws(NetworkError) {
    for entry in entries.reversed() { try passBack(entry) }
  }

  /// Computes ∂loss/∂θ, or what ``pass`` says, block after block.
  func backward(from loss: Loss) throws(NetworkError) {
    if pass.isOfCurvature { loss.curvature(1) }
    if pass.needsGradients { loss.seed(1) }
    for index in uses.indices where uses[index] == 0 { gradients!.complete(index) }
    while let entry = entries.popLast() {
      try passBack(entry)
      if let (weight, bias) = entry.parameters {
        finish(weight)
        finish(bias)
      }
    }
  }

  private func passBack(_ entry: Entry) throws(NetworkError) {
    let output = entry.output
    switch pass {
    case .gradient: break
    case .gaussNewton:
      // The matrix is that of a linear model: what the loss's curvature starts goes back like a gradient.
      if let start = output.takeSecond() { output.receive(gradient: start) }
    case .hessian, .diagonal:
      let (dy, second) = (output.takeGradient(), output.takeSecond())
      guard dy != nil || second != nil else { return }
      let other = second ?? zeros(output.count)
      if case .hessian = pass {
        try entry.curvature?.passBack(dy ?? zeros(output.count), tangent: other, on: self)
      } else {
        try entry.curvature?.passBack(diagonal: other, gradient: dy, on: self)
      }
      return
    }
    if let gradient = output.takeGradient() { try entry.backward(gradient) }
  }

  private func finish(_ index: Int) {
    uses[index] -= 1
    if uses[index] == 0 { gradients!.complete(index) }
  }
}
