/// A rule that keeps an average of θ beside it, for evaluation; the steps themselves are the base's.
public protocol AveragingRule: SteppingRule {
  /// The name of the slot that holds the average.
  static var averageSlot: String { get }
}

// A rule around an averaging rule averages, too: `ASGD().decayed(by: 0.01)`.

extension Clipped: AveragingRule where Base: AveragingRule {
  public static var averageSlot: String { Base.averageSlot }
}

extension Decayed: AveragingRule where Base: AveragingRule {
  public static var averageSlot: String { Base.averageSlot }
}

extension Lookahead: AveragingRule where Base: AveragingRule {
  public static var averageSlot: String { Base.averageSlot }
}

extension Penalized: AveragingRule where Base: AveragingRule {
  public static var averageSlot: String { Base.averageSlot }
}
