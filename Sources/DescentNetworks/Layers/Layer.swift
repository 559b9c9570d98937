import Descent

/// A part of a network. From the shape of its input it derives the shape of its output and the parameters it needs.
public protocol Layer: Sendable {
  /// The name of this type of layer, for example `dense`; the first one in a network is then called `dense1`.
  static var kind: String { get }

  /// Fits the layer to its input.
  ///
  /// - Parameters:
  ///   - inputShape: Extents of one example, without the batch.
  ///   - name: The layer's name. Its parameters' names begin with it, and errors show it.
  ///   - parameters: The list in which the layer declares its parameters.
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
