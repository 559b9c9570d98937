/// When a method asks its objective for the diagonal of the curvature, and for which curvature.
///
/// An objective that gives it (``CurvatureDiagonalObjective``) is asked in step 1 and then in every k-th, at the point
/// where the step begins. Any other objective is not asked: the program assigns the slot, before the first step and
/// whenever it knows better.
///
/// ```swift
/// var optimizer = try Optimizer(BeckerLeCun(mu: 0.1, curvature: DiagonalCurvature(every: 10)), for: θ)
/// try optimizer.step(&θ, on: objective)
/// ```
///
/// Transforms change the gradient alone. A penalty around the method (``Penalized``) adds its λ to what the objective
/// gives, as it is part of the function that is minimized.
public struct DiagonalCurvature: Hashable, Codable, Sendable {
  /// k ≥ 1: steps from one question to the next.
  public var interval: Int
  /// Which curvature.
  public var form: CurvatureForm

  public init(every interval: Int = 1, form: CurvatureForm = .gaussNewton) {
    self.interval = interval
    self.form = form
  }

  /// Whether step t = 1, 2, … asks. It depends on t alone, so that a resumed run asks in the same steps.
  @usableFromInline
  func isDue(at t: Int) -> Bool { (t - 1).isMultiple(of: max(1, interval)) }

  /// Its options, for methods that hold it: `options.map { $0.lifted(through: \.curvature) }`.
  public static var options: [RuleOption<Self>] {
    [
      .integer("curvatureInterval", \.interval, in: 1...1_000_000, "steps from one new curvature to the next"),
      .choice("curvatureForm", \.form, "second derivatives of the loss alone, or of the model, too"),
    ]
  }
}

/// What a step wants to know of the curvature.
public struct CurvatureQuestion: Hashable, Sendable {
  /// Which curvature.
  public var form: CurvatureForm
  /// λ ≥ 0: added to each number that the objective gives.
  public var penalty: Double

  public init(_ form: CurvatureForm, penalty: Double = 0) {
    self.form = form
    self.penalty = penalty
  }
}

/// A method that divides by the diagonal of the curvature, which it keeps in a slot of its state: `name/h`, from the last
/// time that it was given.
public protocol CurvatureScaledRule<Scalar>: SteppingRule {
  /// When an objective is asked for it.
  var curvature: DiagonalCurvature { get set }
}

extension CurvatureScaledRule {
  public static var curvatureSlot: String? { "\(name)/h" }

  public func curvatureQuestion(at t: Int) -> CurvatureQuestion? {
    curvature.isDue(at: t) ? CurvatureQuestion(curvature.form) : nil
  }

  /// The options of ``curvature``, to be listed after the method's own.
  public static var curvatureOptions: [RuleOption<Self>] {
    DiagonalCurvature.options.map { $0.lifted(through: \.curvature) }
  }
}

extension KeyedDecodingContainer {
  /// A checkpoint of before the question was an option has none.
  func decode(_ type: DiagonalCurvature.Type, forKey key: Key) throws -> DiagonalCurvature {
    try decodeIfPresent(type, forKey: key) ?? DiagonalCurvature()
  }
}

extension RuleState {
  /// Puts the diagonal of the curvature at θ into the rule's slot, for the groups that want it in this step. Nothing
  /// changes if the objective throws.
  mutating func renewCurvature(
    _ step: RuleStep<Rule>, at θ: ParameterVector<Rule.Scalar>, on objective: StepObjective<Rule.Scalar>
  ) throws {
    guard step.asksForCurvature, let slot = Rule.curvatureSlot else { return }
    let questions = step.rules.map { $0.curvatureQuestion(at: step.t) }
    var answers: [CurvatureQuestion: ParameterVector<Rule.Scalar>] = [:]
    for case let question? in questions where answers[question] == nil {
      var answer = ParameterVector<Rule.Scalar>(zeros: θ.layout)
      try objective.curvatureDiagonal(at: θ, question.form, into: &answer)
      if question.penalty > 0 { answer.addToElements(Rule.Scalar.finite(question.penalty)) }
      answers[question] = answer
    }
    guard !answers.isEmpty else { return }
    if questions.count == 1, let answer = answers.values.first { return assign(answer, toSlot: slot) }
    guard var diagonal = self.slot(slot) else { return }
    diagonal.withUnsafeMutableLanes { lanes in
      for segment in step.assignment.segments {
        guard let answer = questions[segment.group].flatMap({ answers[$0] }) else { continue }
        answer.withUnsafeLanes { answer in for i in segment.lanes { lanes[i] = answer[i] } }
      }
    }
    assign(diagonal, toSlot: slot)
  }
}

extension ParameterVector {
  /// Adds a number to every element; the padding stays as it is.
  fileprivate mutating func addToElements(_ number: Scalar) {
    let blocks = layout.blocks
    withUnsafeMutableElements { elements in
      for block in blocks { for i in block.elements { elements[i] += number } }
    }
  }
}
