/// Sets elements to zero at random in training, and scales the others up so that the mean stays the same.
public struct Dropout: Layer {
  public static let kind = "dropout"
  /// Probability of a zero, in 0..<1.
  public var rate: Double

  public init(_ rate: Double = 0.5) { self.rate = rate }

  public func connected(
    to inputShape: [Int], as name: String, declaring parameters: inout ParameterList
  ) throws(NetworkError) -> ConnectedLayer {
    guard (0..<1).contains(rate) else {
      throw .option(owner: name, name: "the rate", value: "\(rate)", range: "in 0..<1")
    }
    let rate = rate
    return ConnectedLayer(outputShape: inputShape) { x, tape throws(NetworkError) in
      try tape.dropout(x, rate: rate)
    }
  }
}
