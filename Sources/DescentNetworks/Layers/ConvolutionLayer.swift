/// f(x ∗ W + b) on images of [height, width, channels].
///
/// Parameters: `weight` [window, window, channels, filters] and `bias` [filters].
public struct Convolution: Layer {
  public static let kind = "convolution"
  /// Number of output channels, at least 1.
  public var filters: Int
  /// Height and width of the window, at least 1.
  public var window: Int
  /// Steps between windows, at least 1.
  public var stride: Int
  /// Margins of zeros around the image.
  public var padding: Padding
  /// f.
  public var activation: Activation
  /// First values of the weight; the bias starts at 0.
  public var initializer: Initializer

  /// - Parameters:
  ///   - filters: Number of output channels, at least 1.
  ///   - window: Height and width of the window, at least 1.
  ///   - stride: Steps between windows, at least 1.
  ///   - padding: Margins of zeros around the image.
  ///   - activation: f.
  ///   - initializer: First values of the weight; nil for He's normal with ReLU, else Glorot's uniform.
  public init(
    _ filters: Int, window: Int, stride: Int = 1, padding: Padding = .same, activation: Activation = .identity,
    initializer: Initializer? = nil
  ) {
    self.filters = filters
    self.window = window
    self.stride = stride
    self.padding = padding
    self.activation = activation
    self.initializer = initializer ?? activation.initializer
  }

  public func connected(
    to inputShape: [Int], as name: String, declaring parameters: inout ParameterList
  ) throws(NetworkError) -> ConnectedLayer {
    try name.require(filters, "the number of filters", in: 1...(1 << 20))
    let sliding = SlidingWindow(window, stride: stride, padding: padding)
    let outputShape = try sliding.fitted(to: inputShape, outputChannels: filters, layer: name).output
    let weight = parameters.declare(
      "\(name).weight", shape: [window, window, inputShape[2], filters], axes: [.window, .window, .input, .output],
      initializer: initializer)
    let bias = parameters.declare("\(name).bias", shape: [filters], axes: [.output], initializer: .zeros)
    let (stride, padding, activation) = (stride, padding, activation)
    return ConnectedLayer(outputShape: outputShape) { x, tape throws(NetworkError) in
      try tape.convolution(
        x, weight: weight, bias: bias, stride: (stride, stride), padding: padding, activation: activation, layer: name)
    }
  }
}
