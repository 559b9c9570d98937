/// Layers one after the other.
///
/// ```swift
/// var parameters = ParameterList()
/// let network = try Sequential(
///   inputShape: [784], [Dense(1000, activation: .relu), Dense(10)], declaring: &parameters)
/// ```
/// Shapes are inferred from the input shape, so a layer that does not fit is refused here, not when it runs.
public struct Sequential: Sendable {
  /// Extents of one example of the input.
  public let inputShape: [Int]
  /// Extents of one example of the output.
  public let outputShape: [Int]
  /// The layers' names in order: the kind with a number, for example `dense2`.
  public let names: [String]
  /// Numbers of one example in the outputs of all layers.
  public let activationCount: Int
  private let layers: [ConnectedLayer]

  /// - Parameters:
  ///   - inputShape: Extents of one example, without the batch: [features] or [height, width, channels].
  ///   - layers: The layers in order, at least one.
  ///   - parameters: The list in which the layers declare their parameters.
  ///   - prefix: Put before each layer's name.
  /// - Throws: ``NetworkError`` if a layer cannot take its input; it names the layer and both shapes.
  public init(
    inputShape: [Int], _ layers: [any Layer], declaring parameters: inout ParameterList, prefix: String = ""
  ) throws(NetworkError) {
    guard !inputShape.isEmpty, inputShape.allSatisfy({ $0 > 0 }) else {
      throw .shape(layer: "\(prefix)input", expected: "positive extents", found: inputShape)
    }
    var shape = inputShape
    var counts: [String: Int] = [:]
    var names: [String] = []
    var connected: [ConnectedLayer] = []
    for layer in layers {
      let kind = type(of: layer).kind
      counts[kind, default: 0] += 1
      let name = "\(prefix)\(kind)\(counts[kind]!)"
      let next = try layer.connected(to: shape, as: name, declaring: &parameters)
      shape = next.outputShape
      names.append(name)
      connected.append(next)
    }
    self.inputShape = inputShape
    self.names = names
    self.layers = connected
    outputShape = shape
    activationCount = connected.reduce(0) { $0 + $1.outputShape.reduce(1, *) }
  }

  /// The last layer's output for x.
  ///
  /// - Throws: ``NetworkError/shape(layer:expected:found:)`` if x does not have the shape the network was made for.
  public func callAsFunction(_ x: Tensor, on tape: Tape) throws(NetworkError) -> Tensor {
    guard x.exampleShape == inputShape else {
      let expected = (["batch"] + inputShape.map(String.init)).joined(separator: ", ")
      throw .shape(layer: names.first ?? "input", expected: "[\(expected)]", found: x.shape)
    }
    var x = x
    for layer in layers { x = try layer.apply(x, tape) }
    return x
  }
}
