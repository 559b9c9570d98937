/// The state of an element-wise rule: one pass over θ, gradient and state makes a step.
struct ElementState<Rule: ElementwiseRule>: RuleState where Rule.Scalar: LaneScalar {
  typealias Scalar = Rule.Scalar

  let layout: ParameterLayout
  let pass: Pass<Rule>
  private(set) var storage: Rule.Storage

  init(_ rule: Rule, for θ: ParameterVector<Rule.Scalar>, pass: Pass<Rule>) {
    layout = θ.layout
    self.pass = pass
    storage = pass.start(rule, θ)
  }

  static var stepsByBlock: Bool { true }
  /// Number of elements below which a step runs on one thread.
  private static var elementsWorthThreads: Int { 100_000 }

  private mutating func makeUnique() {
    if !isKnownUniquelyReferenced(&storage) { storage = storage.copy() }
  }

  mutating func step(
    _ step: RuleStep<Rule>, _ θ: inout ParameterVector<Scalar>, gradient: ParameterVector<Scalar>,
    then finish: StepFinish<Scalar>?
  ) {
    makeUnique()
    let coefficients = step.rules.map { $0.coefficients(at: step.t) }
    let laneCount = θ.laneCount
    let threads = layout.paddedCount < Self.elementsWorthThreads ? 1 : step.threads
    θ.withUnsafeMutableLanes { θ in
      gradient.withUnsafeLanes { g in
        pass.run(
          step.rules, coefficients, gradientScale: Scalar(step.gradientScale), segments: step.assignment.segments,
          lanes: 0..<laneCount, threads: threads, parameters: θ, gradient: g, state: storage, then: finish)
      }
    }
  }

  mutating func step(
    _ step: RuleStep<Rule>, _ θ: inout ParameterVector<Scalar>, byBlock body: (BlockStep<Scalar>) throws -> Void
  ) throws {
    makeUnique()
    let (layout, storage, pass) = (layout, storage, pass)
    let coefficients = step.rules.map { $0.coefficients(at: step.t) }
    try θ.withUnsafeMutableLanes { θ in
      let blocks = BlockStep<Scalar>(
        layout: layout, parameters: UnsafeRawPointer(θ).assumingMemoryBound(to: Scalar.self)
      ) { block, gradient in
        let lanes = layout.lanes(ofBlock: block, width: Scalar.laneWidth)
        pass.run(
          step.rules, coefficients, gradientScale: 1, segments: step.assignment.segments, lanes: lanes,
          threads: lanes.count * Scalar.laneWidth < Self.elementsWorthThreads ? 1 : step.threads, parameters: θ,
          gradient: gradient - lanes.lowerBound, state: storage)
      }
      try body(blocks)
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
