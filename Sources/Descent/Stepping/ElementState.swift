import Dispatch

/// The state of an element-wise rule: one pass over θ, gradient and state makes a step.
struct ElementState<Rule: PassRule>: RuleState where Rule.Scalar: LaneScalar {
  typealias Scalar = Rule.Scalar

  let layout: ParameterLayout
  let pass: ElementPass<Rule>
  private(set) var storage: Rule.Storage

  init(_ rule: Rule, for θ: ParameterVector<Rule.Scalar>, pass: ElementPass<Rule>) {
    layout = θ.layout
    self.pass = pass
    storage = pass.start(rule, θ)
  }

  static var stepsByBlock: Bool { true }
  /// Number of elements below which a step runs on one thread.
  private static var elementsWorthThreads: Int { 100_000 }
  /// How many lanes stay in a near cache with their gradient and state: whole blocks of the layout.
  private static var lanesInCache: Int { 256 }

  private mutating func makeUnique() {
    if !isKnownUniquelyReferenced(&storage) { storage = storage.copy() }
  }

  mutating func step(
    _ step: RuleStep<Rule>, _ θ: inout ParameterVector<Scalar>, on objective: inout StepObjective<Scalar>
  ) throws {
    let coefficients = try Self.coefficients(of: step)
    let isDivided = Rule.message != .gradient && objective.exchange != nil
    if isDivided, pass.halves == nil { throw ExchangeError.undivided(rule: Rule.name) }
    let gradient = try objective.gradient(at: θ)
    try renewCurvature(step, at: θ, on: objective)
    let scale = Scalar(objective.report.gradientScale)
    guard isDivided, let halves = pass.halves else {
      makeUnique()
      return run(pass.update, step, coefficients, &θ, by: gradient, scale)
    }
    // The first half changes a copy of the state, so that an exchange that fails changes nothing.
    let before = storage
    makeUnique()
    var message = say(halves.say, step, coefficients, θ, gradient, scale)
    do {
      try objective.exchange?.exchange(&message, as: Rule.message)
      try objective.check(message)
    } catch {
      storage = before
      throw error
    }
    run(halves.hear, step, coefficients, &θ, by: message, 1)
  }

  private static func coefficients(of step: RuleStep<Rule>) throws -> [Rule.Coefficients] {
    try step.rules.map { rule in
      try rule.check(step: step.t)
      return rule.coefficients(at: step.t)
    }
  }

  /// The whole step, or its second half, on all lanes.
  private func run(
    _ update: @escaping ElementPass<Rule>.Update, _ step: RuleStep<Rule>, _ coefficients: [Rule.Coefficients],
    _ θ: inout ParameterVector<Scalar>, by gradient: ParameterVector<Scalar>, _ scale: Scalar
  ) {
    let all = 0..<θ.laneCount
    θ.withUnsafeMutableLanes { θ in
      gradient.withUnsafeLanes { g in run(update, step, coefficients, lanes: all, θ, g, scale) }
    }
  }

  private func run(
    _ update: @escaping ElementPass<Rule>.Update, _ step: RuleStep<Rule>, _ coefficients: [Rule.Coefficients],
    lanes: Range<Int>, _ θ: UnsafeMutablePointer<Scalar.Lane>, _ g: UnsafePointer<Scalar.Lane>, _ scale: Scalar
  ) {
    nonisolated(unsafe) let (θ, g) = (θ, g)
    forEachSegment(of: step, in: lanes) { group, lanes in
      guard let finish = step.finish else {
        return update(step.rules[group], coefficients[group], scale, lanes, θ, g, storage)
      }
      for start in stride(from: lanes.lowerBound, to: lanes.upperBound, by: Self.lanesInCache) {
        let part = start..<min(start + Self.lanesInCache, lanes.upperBound)
        update(step.rules[group], coefficients[group], scale, part, θ, g, storage)
        finish(θ, part)
      }
    }
  }

  /// The first half of a step: what the rule says. Frozen parameters say zeros.
  private func say(
    _ say: @escaping ElementPass<Rule>.Say, _ step: RuleStep<Rule>, _ coefficients: [Rule.Coefficients],
    _ θ: ParameterVector<Scalar>, _ gradient: ParameterVector<Scalar>, _ scale: Scalar
  ) -> ParameterVector<Scalar> {
    var message = ParameterVector<Scalar>(zeros: layout)
    let all = 0..<θ.laneCount
    message.withUnsafeMutableLanes { message in
      θ.withUnsafeLanes { θ in
        gradient.withUnsafeLanes { g in
          nonisolated(unsafe) let (θ, g, message) = (θ, g, message)
          forEachSegment(of: step, in: all) { group, lanes in
            say(step.rules[group], coefficients[group], scale, lanes, θ, g, storage, message)
          }
        }
      }
    }
    return message
  }

  /// Calls `body` for each group's lanes within `all`, on threads that share them evenly.
  private func forEachSegment(
    of step: RuleStep<Rule>, in all: Range<Int>, _ body: @Sendable (_ group: Int, _ lanes: Range<Int>) -> Void
  ) {
    @Sendable func run(_ part: Range<Int>) {
      for segment in step.assignment.segments {
        let lanes = segment.lanes.clamped(to: part)
        if !lanes.isEmpty { body(segment.group, lanes) }
      }
    }
    guard step.threads > 1, all.count * Scalar.laneWidth >= Self.elementsWorthThreads else { return run(all) }
    // Whole blocks of the layout: numbers stored for several lanes together belong to one thread.
    let block = ParameterLayout.alignment / Scalar.laneWidth
    let share = (all.count / block + step.threads - 1) / step.threads * block
    DispatchQueue.concurrentPerform(iterations: step.threads) { thread in
      let start = min(all.lowerBound + thread * share, all.upperBound)
      run(start..<min(start + share, all.upperBound))
    }
  }

  mutating func step(
    _ step: RuleStep<Rule>, _ θ: inout ParameterVector<Scalar>, byBlock body: (BlockStep<Scalar>) throws -> Double
  ) throws -> Double {
    let coefficients = try Self.coefficients(of: step)
    makeUnique()
    return try θ.withUnsafeMutableLanes { [self] θ in
      try body(
        BlockStep<Scalar>(
          layout: layout, parameters: UnsafeRawPointer(θ).assumingMemoryBound(to: Scalar.self)
        ) { block, gradient in
          let lanes = layout.lanes(ofBlock: block, width: Scalar.laneWidth)
          run(pass.update, step, coefficients, lanes: lanes, θ, gradient - lanes.lowerBound, 1)
        })
    }
  }

  func initial(for θ: ParameterVector<Scalar>, _ rules: [Rule], _ assignment: RuleAssignment) -> Self {
    Self(rules[0], for: θ, pass: pass)
  }

  var byteCount: Double { Double(storage.byteCount) }
  var slots: [String] { Rule.slots }
  var slotNames: Set<String> { Set(names) }
  var names: [String] { storage.names(of: Rule.slots) }

  func slot(_ name: String) -> ParameterVector<Scalar>? {
    Rule.slots.firstIndex(of: name).map { storage.vector(slot: $0, layout: layout) }
  }

  mutating func assign(_ vector: ParameterVector<Scalar>, toSlot name: String) {
    guard let index = Rule.slots.firstIndex(of: name) else { return }
    makeUnique()
    storage.assign(vector, slot: index)
  }

  func save() -> SavedState<Scalar> { storage.save(Rule.slots, layout: layout) }

  mutating func restore(_ saved: SavedState<Scalar>) throws(CheckpointError) {
    makeUnique()
    try storage.restore(saved, Rule.slots, layout: layout)
  }
}
