/// A whole number of at least 1, or `automatic`: the method chooses it.
public enum AutomaticCount: Hashable, Sendable, Codable, LosslessStringConvertible, ExpressibleByIntegerLiteral {
  case automatic
  case exactly(Int)

  static let domain = "1, 2, …, \(largest) or auto"
  private static let largest = 1_000_000_000

  public init(integerLiteral value: Int) { self = .exactly(value) }

  public init?(_ text: String) {
    switch text.lowercased() {
    case "auto", "automatic": self = .automatic
    default:
      guard let value = Int(text), 1...Self.largest ~= value else { return nil }
      self = .exactly(value)
    }
  }

  public var description: String {
    switch self {
    case .automatic: "auto"
    case .exactly(let count): "\(count)"
    }
  }

  /// The number, or the argument `automatic` if the method chooses; at least 1.
  func count(automatic: @autoclosure () -> Int) -> Int {
    switch self {
    case .automatic: max(1, automatic())
    case .exactly(let count): count
    }
  }
}
