import Descent

/// One named, shaped block of a model's parameters.
public struct Parameter: Hashable, Sendable {
  /// Unique within the model, for example `dense1.weight`.
  public let name: String
  /// Row-major extents: [inputs, outputs] of a dense layer, [height, width, inputs, outputs] of a convolution.
  public let shape: [Int]
  /// What the extents count.
  public let axes: ParameterAxes
  /// How its first values are drawn.
  public let initializer: Initializer
  /// Position among the layout's blocks.
  let index: Int

  /// Number of elements.
  public var count: Int { shape.reduce(1, *) }
}

/// The parameters of a model that is being built: each layer declares its own here.
public struct ParameterList: Sendable {
  public private(set) var parameters: [Parameter] = []

  public init() {}

  /// Adds a parameter. `name` must be new and all extents positive, or ``layout()`` fails.
  ///
  /// - Parameters:
  ///   - name: Unique within the model.
  ///   - shape: Row-major extents.
  ///   - axes: What the extents count; initializers, and optimizers that see a parameter as a matrix, need to know.
  ///   - initializer: How its first values are drawn.
  public mutating func declare(
    _ name: String, shape: [Int], axes: ParameterAxes = .outputsLast, initializer: Initializer
  ) -> Parameter {
    let parameter = Parameter(name: name, shape: shape, axes: axes, initializer: initializer, index: parameters.count)
    parameters.append(parameter)
    return parameter
  }

  /// Where each parameter lies in θ.
  /// - Throws: ``NetworkError/parameters(_:)`` if a name is used twice, an extent is not positive, there are not as many
  ///   axes as extents, or the memory does not hold them.
  public func layout() throws(NetworkError) -> ParameterLayout {
    let layout: ParameterLayout
    do throws(LayoutError) {
      layout = try ParameterLayout(parameters.map { ($0.name, $0.shape, $0.axes) })
    } catch {
      throw .parameters(error.description)
    }
    do throws(MemoryShortage) {
      try MemoryBudget.require(Double(layout.paddedCount) * Double(MemoryLayout<Float>.size))
    } catch {
      throw .parameters("\(layout.parameterCount) are too many: \(error); make the layers smaller")
    }
    return layout
  }
}
