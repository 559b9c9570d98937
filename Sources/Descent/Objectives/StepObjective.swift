/// The objective of one step, as a rule sees it: with the optimizer's transforms and exchange applied to every gradient
/// that it gives.
public struct StepObjective<Scalar: LaneScalar> {
  /// What is asked. Values and gradients come through this type's functions, which transform them.
  let objective: any Objective<Scalar>
  private let layout: ParameterLayout
  /// What the rule says to others; if that is its gradient, it is exchanged here.
  private let message: Message
  /// Whether the gradient was given; its memory is then not the optimizer's.
  let isGiven: Bool
  var transforms: [any GradientTransform<Scalar>]
  var exchange: (any Exchange<Scalar>)?
  /// Which point near θ the gradients are taken at.
  private let sharpness: SharpnessAware?
  /// Memory for a gradient, kept from step to step.
  var memory: ParameterVector<Scalar>?
  /// What rules around the one that asks make of a gradient, the outermost first.
  @usableFromInline
  var changes: [(_ θ: ParameterVector<Scalar>, _ gradient: inout ParameterVector<Scalar>) -> Void] = []
  /// λ of the penalties ½ λ ‖θ‖² of rules around the one that asks: part of values and products, as it is of gradients.
  @usableFromInline var ridge = 0.0
  /// Memory for gradients of which only the value is asked.
  private var unread: ParameterVector<Scalar>?
  /// What the transforms found.
  private(set) var report = StepReport()

  init(
    _ objective: some Objective<Scalar>, layout: ParameterLayout, message: Message,
    transforms: [any GradientTransform<Scalar>], exchange: (any Exchange<Scalar>)?,
    sharpness: SharpnessAware? = nil, memory: ParameterVector<Scalar>?
  ) {
    self.objective = objective
    self.layout = layout
    self.message = message
    self.transforms = transforms
    self.exchange = exchange
    self.sharpness = sharpness
    let given = (objective as? GivenGradient<Scalar>)?.gradient
    self.memory = given ?? memory
    isGiven = given != nil
  }

  /// The value at a point and its gradient, transformed.
  ///
  /// A rule asks at the point where the step begins first. It changes θ and its state only after it has asked: an error
  /// must leave both as they were.
  ///
  /// - Parameters:
  ///   - θ: The point.
  ///   - gradient: A vector of θ's layout; replaced by the gradient.
  /// - Returns: The objective's value at θ; NaN if it is not known.
  /// - Throws: What the objective, a transform or the exchange throws, or that the step is skipped.
  public mutating func value(
    at θ: ParameterVector<Scalar>, gradient: inout ParameterVector<Scalar>
  ) throws -> Double {
    let objective = objective
    return try value(at: θ, gradient: &gradient) { try objective.value(at: $0, gradient: &$1) }
  }

  /// The value at a point and its gradient, transformed, where `evaluate` asks the objective at the point that it is
  /// given for both and for more.
  mutating func value(
    at θ: ParameterVector<Scalar>, gradient: inout ParameterVector<Scalar>,
    by evaluate: Evaluation
  ) throws -> Double {
    let value = try ask(at: θ, &gradient, by: evaluate)
    try transform(&gradient, at: θ)
    if report.gradientScale != 1 { gradient.scale(by: Scalar(report.gradientScale)) }
    for change in changes { change(θ, &gradient) }
    return penalized(value, at: θ)
  }

  /// The value at a point alone, NaN if it is not known: for a rule that compares points and needs no gradient there.
  /// No transform sees the gradient, so one that is not finite skips no step. For rules that need
  /// ``ObjectiveCapability/otherPoints``.
  public mutating func value(at θ: ParameterVector<Scalar>) throws -> Double {
    var gradient = unread ?? ParameterVector(zeros: layout)
    unread = nil
    let value = try objective.value(at: θ, gradient: &gradient)
    try check(gradient)
    unread = gradient
    return penalized(value, at: θ)
  }

  private func penalized(_ value: Double, at θ: ParameterVector<Scalar>) -> Double {
    ridge == 0 ? value : value + 0.5 * ridge * θ.sumOfSquares()
  }

  /// The gradient at a point, transformed, but not yet multiplied by the scale of the report.
  mutating func gradient(at θ: ParameterVector<Scalar>) throws -> ParameterVector<Scalar> {
    var gradient = memory ?? ParameterVector(zeros: layout)
    memory = nil
    let objective = objective
    _ = try ask(at: θ, &gradient) { try objective.value(at: $0, gradient: &$1) }
    // The memory is kept afterwards: a transform that writes then is the only owner.
    do { try transform(&gradient, at: θ) } catch let skipped as SkippedStep {
      memory = gradient
      throw skipped
    }
    memory = gradient
    return gradient
  }

  /// The gradient at a point, transformed, in the memory that is kept from step to step.
  @usableFromInline
  mutating func scaledGradient(at θ: ParameterVector<Scalar>) throws -> ParameterVector<Scalar> {
    var gradient = try gradient(at: θ)
    if report.gradientScale != 1 { gradient.scale(by: Scalar(report.gradientScale)) }
    for change in changes { change(θ, &gradient) }
    return gradient
  }

  typealias Evaluation = (
    _ point: ParameterVector<Scalar>, _ gradient: inout ParameterVector<Scalar>
  ) throws -> Double

  private mutating func ask(
    at θ: ParameterVector<Scalar>, _ gradient: inout ParameterVector<Scalar>, by evaluate: Evaluation
  ) throws -> Double {
    let value: Double
    if let sharpness {
      value = try objective.value(at: θ, gradient: &gradient)
      try check(gradient)
      _ = try evaluate(sharpness.point(from: θ, gradient: gradient), &gradient)
    } else {
      value = try evaluate(θ, &gradient)
    }
    try check(gradient)
    if report.gradientCount == 0 { report.value = value.isNaN ? nil : value }
    report.gradientCount += 1
    if message == .gradient, exchange != nil {
      try exchange?.exchange(&gradient, as: .gradient)
      try check(gradient)
    }
    return value
  }

  /// Refuses a vector of another layout: an objective, an exchange or a transform may have replaced the gradient.
  func check(_ gradient: ParameterVector<Scalar>) throws(LayoutError) {
    if let difference = layout.difference(from: gradient.layout) { throw .mismatch(difference) }
  }

  private mutating func transform(_ gradient: inout ParameterVector<Scalar>, at θ: ParameterVector<Scalar>) throws {
    report.gradientScale = 1
    for i in transforms.indices {
      try transforms[i].transform(&gradient, parameters: θ, report: &report)
      try check(gradient)
      if report.isSkipped { throw SkippedStep() }
    }
  }
}

/// Thrown through a rule whose step a transform skips.
struct SkippedStep: Error {}
