import Dispatch

/// A tensor rule applied to every parameter of a vector, with parameter groups.
public struct Layerwise<Base: TensorRule>: VectorRule {
  public typealias Scalar = Base.Scalar

  /// The rule of the parameters that no group has.
  public var base: Base
  /// Groups with options of their own; a parameter belongs to the last one that matches its name.
  @usableFromInline var groups: [ParameterGroup<Base>] = []

  public init(_ base: Base) { self.base = base }

  /// The state of each parameter.
  public struct State: Sendable {
    @usableFromInline var tensors: [Base.State]

    @inlinable init(tensors: [Base.State]) { self.tensors = tensors }
  }

  public var learningRate: Rate {
    get { base.learningRate }
    set { base.learningRate = newValue }
  }
  public static var name: String { Base.name }
  public static var options: [RuleOption<Self>] { Base.options.map { $0.lifted(through: \.base) } }

  @inlinable
  public func initialState(for θ: ParameterVector<Scalar>) -> State {
    // The view is read alone.
    θ.withUnsafeLanes { lanes in
      State(
        tensors: θ.layout.blocks.map {
          rule(of: $0.name).initialState(for: TensorView($0, in: UnsafeMutablePointer(mutating: lanes)))
        })
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
    θ.withUnsafeMutableLanes { θ in
      g.withUnsafeLanes { g in
        nonisolated(unsafe) let (θ, g) = (θ, UnsafeMutablePointer(mutating: g))
        state.tensors.withUnsafeMutableBufferPointer { states in
          nonisolated(unsafe) let states = states
          @Sendable func update(_ i: Int) {
            guard !isFrozen[i] else { return }
            rules[i].update(
              TensorView(blocks[i], in: θ), gradient: TensorView(blocks[i], in: g), state: &states[i], at: t)
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
    var rule = base
    for (name, value) in options { try rule.setOption(name, to: value, steps: steps) }
    let group = ParameterGroup(pattern: pattern, rule: rule, isFrozen: isFrozen)
    guard layout.blocks.contains(where: { group.contains($0.name) }) else {
      throw GroupError.noMatch(pattern: pattern, names: layout.blocks.map(\.name))
    }
    groups.append(group)
  }

  @usableFromInline
  func rule(of name: String) -> Base { groups.last { $0.contains(name) }?.rule ?? base }
}
