import Descent

/// The inputs of a batch.
public enum Inputs: Sendable {
  /// Row-major elements; the first extent of the shape is the number of examples, images are NHWC.
  case dense([Float], shape: [Int])
  case sparse(SparseRows)
}

/// Some examples with their labels, ready for a training step.
public struct Batch: Sendable {
  public let inputs: Inputs
  /// The class of each example.
  public let labels: [Int32]

  public var count: Int { labels.count }
}
