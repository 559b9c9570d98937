/// The result of a pass over a batch.
public struct BatchResult: Hashable, Sendable {
  /// The model's loss: a mean over the batch.
  public var loss: Double
  /// How many examples were classified correctly; nil for models without classes.
  public var correct: Int?
  /// Number of examples.
  public var count: Int
}
