/// What one extent of a parameter counts.
///
/// The cases are in the order in which this package's layers have them: kernels are [height, width, inputs, outputs].
public enum AxisRole: String, Codable, CaseIterable, Sendable {
  /// Places of a window that slides over the input: a convolution's height and width.
  case window
  /// What a layer reads.
  case input
  /// What a layer computes.
  case output
}

/// What each extent of a parameter counts, as given to a ``ParameterLayout``.
///
/// Some methods treat a parameter as a matrix: a row for each output, with a number for each input at each place of
/// the window. They ask the layout, and never guess from the order of the extents. The default is this package's
/// order, ``outputsLast``; torch's order is ``outputsFirst``:
///
/// ```swift
/// let ours = try ParameterLayout([("dense.weight", [784, 10]), ("dense.bias", [10])])
/// let torchs = try ParameterLayout([("fc.weight", [10, 784]), ("fc.bias", [10])], axes: .outputsFirst)
/// ```
///
/// | parameter | extents | axes |
/// |---|---|---|
/// | weight | [inputs, units] | `.outputsLast` |
/// | bias, gain | [units] | `.outputsLast`: a vector has outputs alone |
/// | kernel | [height, width, inputs, outputs] | `.outputsLast` |
/// | kernel of grouped convolutions | [height, width, inputs ÷ groups, outputs] | `.outputsLast`: it is what one output reads |
/// | kernel of one convolution for each channel | [height, width, channels] | `[.window, .window, .output]` |
/// | kernel of a transposed convolution | [height, width, outputs, inputs] | `[.window, .window, .output, .input]` |
/// | embedding table | [words, width] | `.outputsLast`: words are inputs |
/// | weight of an attention's queries | [inputs, heads, width] | `[.input, .output, .output]` |
/// | weight of an attention's output | [heads, width, outputs] | `[.input, .input, .output]` |
///
/// Unrelated matrices, such as those of several layers, must be separate parameters.
public enum ParameterAxes: Hashable, Sendable {
  /// [window…, inputs, outputs], as in the layers of DescentNetworks, Keras and JAX. A vector has outputs alone.
  case outputsLast
  /// [outputs, inputs, window…], as in torch. A vector has outputs alone.
  case outputsFirst
  /// One role for each extent.
  case roles([AxisRole])

  /// What each of `rank` extents counts; nil if the number of roles differs.
  public func roles(rank: Int) -> [AxisRole]? {
    if case .roles(let roles) = self { return roles.count == rank ? roles : nil }
    guard rank >= 2 else { return Array(repeating: .output, count: rank) }
    let window = Array(repeating: AxisRole.window, count: rank - 2)
    return self == .outputsLast ? window + [.input, .output] : [.output, .input] + window
  }
}

extension ParameterAxes: ExpressibleByArrayLiteral {
  public init(arrayLiteral roles: AxisRole...) { self = .roles(roles) }
}

extension ParameterAxes: LosslessStringConvertible {
  /// `outputsLast`, `outputsFirst` or a role for each extent, such as `window,window,input,output`; nil for anything
  /// else.
  public init?(_ text: String) {
    switch text {
    case "outputsLast": self = .outputsLast
    case "outputsFirst": self = .outputsFirst
    default:
      let roles = text.split(separator: ",", omittingEmptySubsequences: false).map { AxisRole(rawValue: String($0)) }
      guard roles.allSatisfy({ $0 != nil }) else { return nil }
      self = .roles(roles.compactMap(\.self))
    }
  }

  public var description: String {
    switch self {
    case .outputsLast: "outputsLast"
    case .outputsFirst: "outputsFirst"
    case .roles(let roles): roles.map(\.rawValue).joined(separator: ",")
    }
  }
}
