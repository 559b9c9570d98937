/// Makes one row of each example: [height, width, channels] becomes [height·width·channels].
public struct Flatten: Layer {
  public static let kind = "flatten"

  public init() {}

  public func connected(
    to inputShape: [Int], as name: String, declaring parameters: inout ParameterList
  ) throws(NetworkError) -> ConnectedLayer {
    let outputShape = [inputShape.reduce(1, *)]
    return ConnectedLayer(outputShape: outputShape) { x, tape throws(NetworkError) in
      try tape.reshape(x, to: outputShape)
    }
  }
}
