/// Lanes of a vector that are stepped with one set of coefficients: neighbouring blocks of one group.
struct Segment: Sendable {
  let lanes: Range<Int>
  /// Index into the step's coefficients.
  let group: Int
}
