import Synchronization

/// Collects the operations of one step while a rule runs on ``Traced`` scalars.
///
/// Node 0 stands for a number that is known already and is not in the graph yet: a traced scalar then carries its value.
final class Recorder: Sendable {
  typealias Node = UpdateGraph.Node

  /// The recorder of the step that is being traced by this task.
  @TaskLocal static var current: Recorder?

  /// A comparison of coefficients or constants whose outcome decided what was recorded.
  struct Condition: Hashable, Sendable {
    enum Relation: Hashable, Sendable { case equal, less, lessOrEqual }
    let x: Node
    let relation: Relation
    let y: Node
    let outcome: Bool
  }

  private struct State {
    var nodes: [Node] = [.constant(0)]
    var isUniform = [true]
    var index: [Node: Int] = [:]
    var conditions: [Condition] = []
    var obstacle: String?
  }

  private let state = Mutex(State())

  /// The number of `node`, which is added if there is none like it.
  func add(_ node: Node) -> Int {
    state.withLock { state in
      if let i = state.index[node] { return i }
      let isUniform = node.isUniform { state.isUniform[$0] }
      state.nodes.append(node)
      state.isUniform.append(isUniform)
      state.index[node] = state.nodes.count - 1
      return state.nodes.count - 1
    }
  }

  /// Notes that the rule did what a graph cannot express.
  func fail(_ obstacle: String) {
    state.withLock { $0.obstacle = $0.obstacle ?? obstacle }
  }

  func isUniform(_ node: Int) -> Bool { state.withLock { $0.isUniform[node] } }

  /// Notes that the comparison of two nodes decided what is recorded next. Both must be coefficients or constants, so
  /// that it can be repeated for another step.
  func note(_ x: Int, _ relation: Condition.Relation, _ y: Int, outcome: Bool) {
    state.withLock { state in
      let (a, b) = (state.nodes[x], state.nodes[y])
      guard !a.isOperation && !b.isOperation && state.isUniform[x] && state.isUniform[y] else {
        state.obstacle = state.obstacle ?? "compares numbers that it has computed"
        return
      }
      state.conditions.append(Condition(x: a, relation: relation, y: b, outcome: outcome))
    }
  }

  var recorded: (nodes: [Node], conditions: [Condition], obstacle: String?) {
    state.withLock { ($0.nodes, $0.conditions, $0.obstacle) }
  }
}
