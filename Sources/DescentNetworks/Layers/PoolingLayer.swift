/// The largest element of each window, for each channel of an image.
public struct MaxPooling: Layer {
  public static let kind = "maxpooling"
  public var sliding: SlidingWindow

  /// - Parameters:
  ///   - window: Height and width of the window, at least 1.
  ///   - stride: Steps between windows; nil for the window's extent.
  ///   - padding: Margins; their elements are never the largest.
  public init(_ window: Int, stride: Int? = nil, padding: Padding = .none) {
    sliding = SlidingWindow(window, stride: stride ?? window, padding: padding)
  }

  public func connected(
    to inputShape: [Int], as name: String, declaring parameters: inout ParameterList
  ) throws(NetworkError) -> ConnectedLayer {
    try sliding.connected(.maximum, to: inputShape, as: name)
  }
}

/// The mean of each window, for each channel of an image.
public struct AveragePooling: Layer {
  public static let kind = "averagepooling"
  public var sliding: SlidingWindow
  /// Whether the mean is over the whole window, with zeros in the padding, or only over the part on the image.
  public var countsPadding: Bool

  /// - Parameters:
  ///   - window: Height and width of the window, at least 1.
  ///   - stride: Steps between windows; nil for the window's extent.
  ///   - padding: Margins.
  ///   - countsPadding: Whether margins count as zeros.
  public init(_ window: Int, stride: Int? = nil, padding: Padding = .none, countsPadding: Bool = false) {
    sliding = SlidingWindow(window, stride: stride ?? window, padding: padding)
    self.countsPadding = countsPadding
  }

  public func connected(
    to inputShape: [Int], as name: String, declaring parameters: inout ParameterList
  ) throws(NetworkError) -> ConnectedLayer {
    try sliding.connected(.average(countsPadding: countsPadding), to: inputShape, as: name)
  }
}

extension SlidingWindow {
  fileprivate func connected(
    _ kind: PoolingKind, to inputShape: [Int], as name: String
  ) throws(NetworkError) -> ConnectedLayer {
    let outputShape = try fitted(to: inputShape, layer: name).output
    return ConnectedLayer(outputShape: outputShape) { x, tape throws(NetworkError) in
      try tape.pooling(x, kind, self, layer: name)
    }
  }
}
