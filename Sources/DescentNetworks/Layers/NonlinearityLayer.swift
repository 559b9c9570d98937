/// An element-wise nonlinearity as a layer. Dense and convolution layers can apply one themselves, which is faster.
public struct Nonlinearity: Layer {
  public static let kind = "activation"
  public var activation: Activation

  public init(_ activation: Activation) { self.activation = activation }

  public func connected(
    to inputShape: [Int], as name: String, declaring parameters: inout ParameterList
  ) throws(NetworkError) -> ConnectedLayer {
    let activation = activation
    return ConnectedLayer(outputShape: inputShape) { x, tape throws(NetworkError) in
      try tape.apply(activation, to: x)
    }
  }
}
