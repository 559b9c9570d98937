extension Optimizer {
  public var obstacleToBlocks: BlockStepError? {
    guard type(of: state).stepsByBlock else { return .method(name) }
    if exchange != nil { return .exchange }
    if sharpness != nil { return .sharpness }
    return transforms.first.map { .transform("\(type(of: $0))".prefix { $0 != "<" }.description) }
  }

  /// One step in which the objective hands over the gradient block by block. The curvature is asked for before, as no
  /// block has moved then.
  mutating func stepByBlock(
    _ step: RuleStep<Rule>, _ θ: inout ParameterVector<Rule.Scalar>, on objective: some Objective<Rule.Scalar>
  ) throws -> StepReport {
    guard let blockwise = objective as? any BlockwiseObjective<Scalar> else {
      throw ObjectiveError.lacks(.blocks, objective: objective.name, method: name)
    }
    let slot = step.asksForCurvature ? Rule.curvatureSlot : nil
    let before = slot.flatMap { state.slot($0) }
    if slot != nil {
      let asked = StepObjective(
        objective, layout: layout, message: Rule.message, transforms: [], exchange: nil, sharpness: nil,
        memory: nil)
      try state.renewCurvature(step, at: θ, on: asked)
    }
    var report = StepReport()
    do {
      report.value = try state.step(step, &θ) { try blockwise.value(by: $0) }
    } catch {
      if let slot, let before { state.assign(before, toSlot: slot) }
      throw error
    }
    made(step)
    return report
  }
}
