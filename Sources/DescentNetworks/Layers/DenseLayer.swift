/// f(x W + b) with a weight for each pair of input and unit; the input may be sparse rows.
///
/// Parameters: `weight` [inputs, units] and `bias` [units].
public struct Dense: Layer {
  public static let kind = "dense"
  /// Number of outputs, at least 1.
  public var units: Int
  /// f.
  public var activation: Activation
  /// First values of the weight; the bias starts at 0.
  public var initializer: Initializer

  /// A size for which no memory is large enough.
  static let mostUnits = 1 << 40

  /// - Parameters:
  ///   - units: Number of outputs, at least 1.
  ///   - activation: f.
  ///   - initializer: First values of the weight; nil for He's normal with ReLU, else Glorot's uniform.
  public init(_ units: Int, activation: Activation = .identity, initializer: Initializer? = nil) {
    self.units = units
    self.activation = activation
    self.initializer = initializer ?? activation.initializer
  }

  public func connected(
    to inputShape: [Int], as name: String, declaring parameters: inout ParameterList
  ) throws(NetworkError) -> ConnectedLayer {
    guard inputShape.count == 1 else {
      throw .shape(layer: name, expected: "[features] (put a Flatten before it)", found: inputShape)
    }
    try name.require(units, "units", in: 1...Self.mostUnits)
    let weight = parameters.declare(
      "\(name).weight", shape: [inputShape[0], units], axes: [.input, .output], initializer: initializer)
    let bias = parameters.declare("\(name).bias", shape: [units], axes: [.output], initializer: .zeros)
    let activation = activation
    return ConnectedLayer(outputShape: [units]) { x, tape throws(NetworkError) in
      try tape.linear(x, weight: weight, bias: bias, activation: activation, layer: name)
    }
  }
}

extension Activation {
  /// The customary initializer of weights before this activation.
  var initializer: Initializer {
    switch self {
    case .relu: .heNormal
    case .identity, .tanh, .sigmoid, .softplus: .glorotUniform
    }
  }
}

extension String {
  /// Throws if an option of the layer with this name is outside its range.
  func require(_ value: Int, _ option: String, in range: ClosedRange<Int>) throws(NetworkError) {
    guard range.contains(value) else {
      throw .option(
        owner: self, name: option, value: "\(value)", range: "in \(range.lowerBound)...\(range.upperBound)")
    }
  }
}
