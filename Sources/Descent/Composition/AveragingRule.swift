/// A rule that keeps an average of θ beside it, for evaluation; the steps themselves are the base's.
public protocol AveragingRule: UpdateRule {
  /// The name of the slot that holds the average.
  static var averageSlot: String { get }
}
