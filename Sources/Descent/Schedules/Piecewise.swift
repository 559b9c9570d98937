extension Schedule {
  /// A value that holds once more than `after` steps have been made.
  public struct Piece: Hashable, Sendable {
    /// Number of steps after which the value holds.
    public var after: Int
    /// The value from then on.
    public var value: Double
    public init(after: Int, value: Double) { (self.after, self.value) = (after, value) }
  }

  /// Values that change at given steps.
  public struct Piecewise: ScheduleFunction {
    public var initial: Double
    public var pieces: [Piece]
    public init(_ initial: Double, _ pieces: [Piece]) { (self.initial, self.pieces) = (initial, pieces) }

    public static let form = "piecewise(α, n:β, m:γ)"
    public init(_ arguments: inout ScheduleArguments) throws(ScheduleError) {
      initial = try arguments.number("α")
      pieces = []
      while let (after, value) = try arguments.pair() {
        guard let value = Double(value) else { throw ScheduleError("'\(value)' in piecewise is no number") }
        pieces.append(Piece(after: after, value: value))
      }
    }
    public var arguments: [String] { ["\(initial)"] + pieces.map { "\($0.after):\($0.value)" } }
    public func value(at t: Int) -> Double { pieces.last { t > $0.after }?.value ?? initial }
    public var range: ClosedRange<Double> {
      pieces.reduce(.between(initial, initial)) { $0.joined(.between($1.value, $1.value)) }
    }
    public var problem: String? {
      if let first = pieces.first, first.after < 1 {
        "no step is before the one after \(first.after): a piece's step must be at least 1"
      } else if zip(pieces, pieces.dropFirst()).contains(where: { $0.after >= $1.after }) {
        "the pieces' steps must rise"
      } else {
        nil
      }
    }
  }

  /// `initial` until the first boundary; after step `after` of a piece, that piece's value.
  public static func piecewise(_ initial: Double, _ pieces: [Piece]) -> Schedule {
    Schedule(Piecewise(initial, pieces))
  }
}
