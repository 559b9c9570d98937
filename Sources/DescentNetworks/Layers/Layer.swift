import Descent

/// A part of a network: says what it makes of an input's shape, and which parameters it needs for that.
public protocol Layer: Sendable {
  /// What a layer of this type is called, for example `dense`: the first of a network is then `dense1`.
  static var kind: String { get }

  /// Fits the layer to its input.
  ///
  /// - Parameters:
  ///   - inputShape: Extents of one example, without the batch.
  ///   - name: The layer's name, which starts its parameters' names and appears in errors.
  ///   - parameters: Where the layer declares its parameters.
  /// - Throws: ``NetworkError/shape(layer:expected:found:)`` if the layer cannot take such an input;
  ///   ``NetworkError/option(owner:name:value:range:)`` if an option is out of range.
  func connected(
    to inputShape: [Int], as name: String, declaring parameters: inout ParameterList
  ) throws(NetworkError) -> ConnectedLayer
}

/// A layer that knows its input's shape and its parameters.
public struct ConnectedLayer: Sendable {
  public typealias Operation = @Sendable (_ x: Tensor, _ tape: Tape) throws(NetworkError) -> Tensor

  /// Extents of one example of the output.
  public let outputShape: [Int]
  /// Computes the output.
  public let apply: Operation

  public init(outputShape: [Int], apply: @escaping Operation) {
    self.outputShape = outputShape
    self.apply = apply
  }
}
