/// Examples to compute a loss on: what data sets give and models take.
public struct Batch: Sendable {
  /// The examples' inputs.
  public enum Inputs: Sendable {
    /// Row-major values with their shape: [batch, features], or [batch, height, width, channels].
    case dense([Float], shape: [Int])
    case sparse(SparseRows)
  }

  public var inputs: Inputs
  /// The class of each example, from 0; empty for models without classes.
  public var labels: [Int32]

  public init(inputs: Inputs, labels: [Int32] = []) {
    self.inputs = inputs
    self.labels = labels
  }

  /// Number of examples.
  public var count: Int {
    switch inputs {
    case .dense(_, let shape): shape.first ?? 0
    case .sparse(let rows): rows.rowCount
    }
  }
}
