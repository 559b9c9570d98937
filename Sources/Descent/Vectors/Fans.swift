/// How many inputs an output of a parameter has, and how many outputs an input.
public struct Fans: Hashable, Sendable {
  /// Places of the window; 1 without one.
  public let window: Int
  /// Inputs; 1 if no extent counts them.
  public let inputs: Int
  /// Outputs; 1 if no extent counts them.
  public let outputs: Int
  /// Whether there are outputs, and something that each of them reads: a bias or a scalar is not a matrix.
  public let isMatrix: Bool

  @usableFromInline
  init(_ shape: [Int], _ axes: [AxisRole]) {
    func product(_ role: AxisRole) -> Int {
      zip(shape, axes).reduce(1) { $1.1 == role ? $0 * $1.0 : $0 }
    }
    (window, inputs, outputs) = (product(.window), product(.input), product(.output))
    isMatrix = axes.contains(.output) && axes.contains { $0 != .output }
  }

  /// Numbers that one output reads, inputs times places of the window. In the parameter as a matrix, these are the
  /// columns and the outputs are the rows.
  public var fanIn: Int { window * inputs }
  /// Numbers that one input affects.
  public var fanOut: Int { window * outputs }
}
