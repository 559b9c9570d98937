import Dispatch

/// A tensor rule applied to every parameter of a vector, with parameter groups.
public struct Layerwise<Base: TensorRule>: VectorRule {
  public typealias Scalar = Base.Scalar

  /// The rule of the parameters that belong to no group.
  public var base: Base
  /// Groups with options of their own; a parameter belongs to the last one that matches its name.
  @usableFromInline var groups: [ParameterGroup<Base>] = []

  public init(_ base: Base) { self.base = base }

  /// The state of each parameter.
  public struct State: Sendable {
    @usableFromInline var tensors: [Base.State]
    /// For each parameter: the order in which the rule sees it, nil if it is stored in that order.
    @usableFromInline let sorted: [SortedAxes?]

    @inlinable
    init(tensors: [Base.State], sorted: [SortedAxes?]) {
      self.tensors = tensors
      self.sorted = sorted
    }
  }

  public var learningRate: Schedule {
    get { base.learningRate }
    set { base.learningRate = newValue }
  }
  public static var name: String { Base.name }
  public static var dependsOnAxes: Bool { Base.dependsOnAxes }
  public static var options: [RuleOption<Self>] { Base.options.map { $0.lifted(through: \.base) } }
  public static var obstacleToMoving: String? { Base.obstacleToMoving }
  public static var obstacleToLookahead: String? { Base.obstacleToLookahead }

  public func validate() throws(RuleError) {
    try base.validate()
    for group in groups { try group.rule.validate() }
  }

  @inlinable
  public func initialState(for θ: ParameterVector<Scalar>) -> State {
    let blocks = θ.layout.blocks
    let sorted = blocks.map { Base.dependsOnAxes ? SortedAxes($0) : nil }
    let tensors = θ.withUnsafeLanes { lanes in
      zip(blocks, sorted).map { block, sorted in
        // The view is only read.
        let view = TensorView<Scalar>(block, in: UnsafeMutablePointer(mutating: lanes))
        return Self.withSorted(view, sorted) { rule(of: block.name).initialState(for: $0) }
      }
    }
    return State(tensors: tensors, sorted: sorted)
  }

  public func stateByteCount(of layout: ParameterLayout) -> Double {
    layout.blocks.reduce(0) { bytes, block in
      let sorted = Base.dependsOnAxes ? SortedAxes(block) : nil
      return bytes
        + rule(of: block.name).stateByteCount(of: sorted?.shape ?? block.shape, axes: sorted?.axes ?? block.axes)
    }
  }

  @inlinable
  public func step(
    _ θ: inout ParameterVector<Scalar>, gradient g: ParameterVector<Scalar>, state: inout State, at t: Int,
    threads: Int
  ) {
    let blocks = θ.layout.blocks
    let rules = blocks.map { groups.isEmpty ? base : rule(of: $0.name) }
    let isFrozen = blocks.map { block in groups.last { $0.contains(block.name) }?.isFrozen ?? false }
    let sorted = state.sorted
    θ.withUnsafeMutableLanes { θ in
      g.withUnsafeLanes { g in
        nonisolated(unsafe) let (θ, g) = (θ, UnsafeMutablePointer(mutating: g))
        state.tensors.withUnsafeMutableBufferPointer { states in
          nonisolated(unsafe) let states = states
          @Sendable func update(_ i: Int) {
            guard !isFrozen[i] else { return }
            var x = TensorView<Scalar>(blocks[i], in: θ)
            x.threads = threads
            let y = TensorView<Scalar>(blocks[i], in: g)
            Self.withSorted(y, sorted[i]) { y in
              Self.withSorted(x, sorted[i], writesBack: true) { x in
                rules[i].update(x, gradient: y, state: &states[i], at: t)
              }
            }
          }
          if threads > 1, blocks.count > 1 {
            DispatchQueue.concurrentPerform(iterations: blocks.count, execute: update)
          } else {
            for i in blocks.indices { update(i) }
          }
        }
      }
    }
  }

  /// Calls `body` with `view`, or with a copy of it in the order that the rule sees.
  @inlinable @inline(__always)
  static func withSorted<R>(
    _ view: TensorView<Scalar>, _ sorted: SortedAxes?, writesBack: Bool = false, _ body: (TensorView<Scalar>) -> R
  ) -> R {
    guard let sorted else { return body(view) }
    var copy = sorted.gather(view.elements)
    let result = body(TensorView(view, sorted, in: copy.mutableLanes()))
    if writesBack { sorted.scatter(copy.elements, to: view.elements) }
    return withExtendedLifetime(copy) { result }
  }

  public func save(_ state: State, of layout: ParameterLayout) -> SavedState<Scalar> {
    var saved = SavedState<Scalar>()
    for (block, tensor) in zip(layout.blocks, state.tensors) {
      saved.add(tensor, Base.fields, prefix: Base.name + "/", suffix: "/" + block.name)
    }
    return saved
  }

  public func restore(
    _ saved: SavedState<Scalar>, into state: inout State, of layout: ParameterLayout
  ) throws(CheckpointError) {
    for (i, block) in layout.blocks.enumerated() {
      try saved.restore(into: &state.tensors[i], Base.fields, prefix: Base.name + "/", suffix: "/" + block.name)
    }
  }

  public mutating func add(
    groupOf pattern: String, options: [(name: String, value: String)], steps: Int?, isFrozen: Bool,
    in layout: ParameterLayout
  ) throws {
    let group = ParameterGroup(pattern: pattern, rule: try base.with(options, steps: steps), isFrozen: isFrozen)
    guard layout.blocks.contains(where: { group.contains($0.name) }) else {
      throw GroupError.noMatch(pattern: pattern, names: layout.blocks.map(\.name))
    }
    groups.append(group)
  }

  @usableFromInline
  func rule(of name: String) -> Base { groups.last { $0.contains(name) }?.rule ?? base }
}
