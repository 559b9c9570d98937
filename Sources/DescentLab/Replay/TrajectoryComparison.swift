import Descent

/// How two trajectories differ: step by step, element by element, in units in the last place.
public struct TrajectoryComparison: Codable, Hashable, Sendable {
  /// Two values that are not the same.
  public struct Difference: Codable, Hashable, Sendable {
    /// Steps made: 0 for the initial values.
    public let step: Int
    /// The parameter's name.
    public let parameter: String
    /// Where in the parameter.
    public let index: [Int]
    public let value: Double
    public let expected: Double
    /// Numbers between the two: `UInt64.max` if one of them is not a number.
    public let ulps: UInt64
  }

  /// What a unit in the last place is one of.
  public let precision: Precision
  /// Units that a difference may have.
  public let allowedULPs: UInt64
  /// Absolute difference that is allowed whatever it is in units.
  public let allowedDifference: Double
  /// The first that is more than what is allowed.
  public internal(set) var first: Difference?
  /// The largest in units in the last place.
  public internal(set) var largest: Difference?
  /// The largest in absolute value; NaN if one of the values is not a number and the other is.
  public internal(set) var largestAbsolute: Double = 0
  /// Values that were compared.
  public internal(set) var valueCount = 0
  /// Values that differ by more than what is allowed.
  public internal(set) var differenceCount = 0

  /// Whether no value differs by more than what is allowed.
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
      // Not `max`, which drops NaN.
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
  /// What is found, in a few lines that begin with whether the trajectories agree.
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

  /// The shortest text that stands for the value in the units' type.
  private func number(_ value: Double) -> String { precision == .float ? "\(Float(value))" : "\(value)" }
}

extension TrajectoryComparison {
  /// The comparison as one line of JSON.
  public func json() -> String { JSON.line(self) }
}
