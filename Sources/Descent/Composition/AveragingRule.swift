/// A rule that keeps an average of θ beside it, for evaluation; the steps themselves are the base's.
public protocol AveragingRule: UpdateRule {
  /// The name of the slot that holds the average, before correction.
  static var averageSlot: String { get }
  /// What the slot is multiplied by after step t to be the average.
  func averageCorrection(at t: Int) -> Double
}
