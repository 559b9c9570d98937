import Descent

/// How two trajectories differ: step by step, element by element, in units in the last place.
public struct TrajectoryComparison: Codable, Hashable, Sendable {
  /// Two values that are not the same.
  public struct Difference: Codable, Hashable, Sendable {
    /// The number of steps made; 0 for the initial values.
    public let step: Int
    /// The parameter's name.
    public let parameter: String
    /// The index of the element in the parameter.
    public let index: [Int]
    public let value: Double
    public let expected: Double
    /// The distance in units in the last place; `UInt64.max` if one of the values is not a number.
    public let ulps: UInt64
  }

  /// The type to which units in the last place refer.
  public let precision: Precision
  /// The number of units by which values may differ.
  public let allowedULPs: UInt64
  /// An absolute difference that is always allowed, however many units it is.
  public let allowedDifference: Double
  /// The first difference that is larger than allowed.
  public internal(set) var first: Difference?
  /// The largest difference in units in the last place.
  public internal(set) var largest: Difference?
  /// The largest absolute difference; NaN if only one of two values is not a number.
  public internal(set) var largestAbsolute: Double = 0
  /// The number of values that were compared.
  public internal(set) var valueCount = 0
  /// The number of values that differ by more than is allowed.
  public internal(set) var differenceCount = 0

  /// Whether no value differs by more than is allowed.
  public var isAgreement: Bool { first == nil }

  init(precision: Precision, allowedULPs: UInt64, allowedDifference: Double) {
    self.precision = precision
    self.allowedULPs = allowedULPs
    self.allowedDifference = allowedDifference
  }

  /// Compares a parameter's values after `step` steps, as numbers of type `Unit`.
  mutating func compare<Scalar: LaneScalar, Unit: LaneScalar>(
    _ values: some RandomAccessCollection<Scalar>, with expected: UnsafeBufferPointer<Unit>,
    step: Int, of block: ParameterLayout.Block
  ) {
    valueCount += expected.count
    for (i, value) in values.enumerated() {
      let value = Unit(value)
      let ulps = ulpDistance(value, expected[i])
      if ulps == 0 { continue }
      let absolute = abs(Double(value) - Double(expected[i]))
      // `max` would drop NaN.
      if !(absolute <= largestAbsolute) && !largestAbsolute.isNaN { largestAbsolute = absolute }
      let isExcess = ulps > allowedULPs && !(absolute <= allowedDifference)
      if isExcess { differenceCount += 1 }
      guard ulps > largest?.ulps ?? 0 || isExcess && first == nil else { continue }
      let difference = Difference(
        step: step, parameter: block.name, index: Self.position(i, in: block.shape), value: Double(value),
        expected: Double(expected[i]), ulps: ulps)
      if isExcess, first == nil { first = difference }
      if ulps > largest?.ulps ?? 0 { largest = difference }
    }
  }

  /// The index of element number `i`, row-major.
  private static func position(_ i: Int, in shape: [Int]) -> [Int] {
    var rest = i
    return Array(
      shape.reversed().map { extent in
        defer { rest /= extent }
        return rest % extent
      }.reversed())
  }
}

extension TrajectoryComparison {
  /// The result in a few lines. The first says whether the trajectories agree.
  public func text(against path: String) -> String {
    let unit = "\(precision.numPyName) ULPs"
    guard let largest else { return "the same as \(path): all \(valueCount.grouped) values, to the last bit\n" }
    var lines: [String] = []
    if let first {
      lines = [
        "differs from \(path): \(differenceCount.grouped) of \(valueCount.grouped) values",
        "first:   \(text(first))",
      ]
    } else {
      lines = ["agrees with \(path): \(valueCount.grouped) values"]
    }
    lines.append("largest: \(text(largest))")
    lines.append("largest absolute difference: \(significant(largestAbsolute, digits: 4)); units are \(unit)")
    return lines.joined(separator: "\n") + "\n"
  }

  private func text(_ difference: Difference) -> String {
    let place = difference.index.isEmpty ? "" : "\(difference.index)"
    let distance = difference.ulps == .max ? "not a number" : "\(Int(clamping: difference.ulps).grouped) ULPs"
    return "step \(difference.step), \(difference.parameter)\(place): "
      + "\(number(difference.value)) here, \(number(difference.expected)) there, \(distance)"
  }

  /// The shortest text that stands for the value in the type of the units.
  private func number(_ value: Double) -> String { precision == .float ? "\(Float(value))" : "\(value)" }
}

extension TrajectoryComparison {
  /// The comparison as one line of JSON.
  public func json() -> String { JSON.line(self) }
}
