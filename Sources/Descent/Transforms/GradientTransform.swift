/// Something done with the whole gradient before a step: clipping its norm, accumulating it, refusing it.
///
/// They work in the order of ``Optimizer/transforms``. A transform that needs θ, such as ``AdaptiveGradientClipping``,
/// reads it as it is before the step.
public protocol GradientTransform<Scalar>: Sendable {
  associatedtype Scalar: LaneScalar

  /// Looks at the gradient and may change it, or scale it or skip the step through `report`.
  ///
  /// - Parameters:
  ///   - gradient: The gradient at θ, still without `report`'s scale.
  ///   - θ: The parameters before the step.
  ///   - report: What the transforms before this one found.
  mutating func transform(
    _ gradient: inout ParameterVector<Scalar>, parameters θ: ParameterVector<Scalar>, report: inout StepReport
  ) throws

  /// Whether the transform takes every gradient for a batch of its own. Methods that ask for more than one gradient a
  /// step refuse it. False unless the transform says otherwise.
  var countsBatches: Bool { get }

  /// Names the transform's state in a checkpoint.
  var name: String { get }
  /// The state that a later run needs to go on exactly here.
  func save() -> TransformState<Scalar>
  /// Restores what ``save()`` returned.
  /// - Throws: ``CheckpointError/damagedState(_:)`` for numbers that ``save()`` never returns.
  mutating func restore(_ state: TransformState<Scalar>) throws(CheckpointError)
}

extension GradientTransform {
  public var countsBatches: Bool { false }
  public func save() -> TransformState<Scalar> { TransformState() }
  public mutating func restore(_ state: TransformState<Scalar>) {}
}

/// A gradient transform's state: numbers and vectors by name.
public struct TransformState<Scalar: LaneScalar>: Sendable {
  /// Counts and weights.
  public var numbers: [String: Double]
  /// Vectors of the gradient's layout.
  public var vectors: [String: ParameterVector<Scalar>]

  public init(numbers: [String: Double] = [:], vectors: [String: ParameterVector<Scalar>] = [:]) {
    self.numbers = numbers
    self.vectors = vectors
  }

  /// The number called `name` as a count; 0 if there is none.
  /// - Throws: ``CheckpointError/damagedState(_:)`` if it is not a count.
  func count(_ name: String) throws(CheckpointError) -> Int {
    let number = numbers[name] ?? 0
    guard let count = Int(exactly: number), 0...largestStepCount ~= count else { throw .damagedState(name) }
    return count
  }
}

/// What happened to a gradient.
public struct StepReport: Sendable, Hashable {
  /// No step was made: the gradient was only accumulated, or it was refused.
  public var isSkipped = false
  /// The factor by which the step multiplies the gradient, in the same pass.
  public var gradientScale = 1.0
  /// ‖g‖ before clipping, if a transform computed it.
  public var gradientNorm: Double?
  /// How many gradients the method has asked for in this step, with this one.
  public internal(set) var gradientCount = 0
  /// The objective's value before the step; nil if the objective does not know it.
  public var value: Double?

  public init() {}
}
