import Foundation

/// The values that a study tries for a search function.
///
/// | written | values | the one at u in [0, 1) |
/// |---|---|---|
/// | `log(a,b)` | from a to b, 0 < a < b | a (b ÷ a)ᵘ |
/// | `lin(a,b)` | from a to b, a < b | a + (b − a) u |
/// | `int(a,b)` | whole numbers from a to b, a < b | a + ⌊(b − a + 1) u⌋ |
/// | `choice(x,y,…)` | these words | number ⌊n u⌋ of the n |
///
/// The first three take a third number n: then there are n values at equal distances, both ends included (equal
/// distances of the logarithms, for `log`). Whole numbers that coincide count once. A value between the ends is a text
/// of at most six significant digits, so a table shows all of its digits. It has more digits if the range is so narrow
/// that its ends share their first digits.
public struct SearchRange: Hashable, Sendable {
  /// How the values lie on the axis of a figure.
  public enum Axis: Hashable, Sendable { case logarithmic, linear, categories }

  /// The search function as it was written.
  public let text: String
  public let axis: Axis
  private let kind: Kind

  private enum Kind: Hashable {
    case interval(low: Double, high: Double)
    case whole(low: Int, high: Int)
    case values([String])
  }

  static let functions = ["log", "lin", "int", "choice"]

  /// - Parameters:
  ///   - function: One of ``functions``.
  ///   - arguments: The arguments in its parentheses.
  ///   - option: The option's name, for messages.
  /// - Throws: ``SearchError``.
  init(_ function: String, _ arguments: [String], of option: String) throws(SearchError) {
    let text = "\(function)(\(arguments.joined(separator: ",")))"
    self.text = text
    func fail(_ allowed: String) -> SearchError { .invalidRange(text, option: option, allowed: allowed) }
    if function == "choice" {
      guard !arguments.contains(""), Set(arguments).count == arguments.count else {
        throw fail("different values, none of them empty, such as choice(0.9,0.99)")
      }
      axis = .categories
      kind = .values(arguments)
      return
    }
    let numbers = arguments.compactMap { Double($0) }.filter(\.isFinite)
    guard 2...3 ~= arguments.count, numbers.count == arguments.count else {
      throw fail(
        "two numbers, or two numbers and a number of points, such as \(function)(1,100) or \(function)(1,100,5)")
    }
    let (low, high) = (numbers[0], numbers[1])
    guard low < high else { throw fail("two numbers of which the first is the smaller") }
    guard function != "log" || low > 0 else { throw fail("positive numbers: there is no logarithm of \(arguments[0])") }
    let axis: Axis = function == "log" ? .logarithmic : .linear
    self.axis = axis
    var count: Int?
    if numbers.count == 3 {
      count = Int(arguments[2])
      guard let count, 2...100_000 ~= count else { throw fail("a range and a number of points from 2 to 100000") }
    }
    if function == "int" {
      guard let first = Int(arguments[0]), let last = Int(arguments[1]), abs(low) < 1e15, abs(high) < 1e15 else {
        throw fail("two whole numbers, such as int(8,64)")
      }
      kind =
        if let count {
          .values(Self.points(count, low, high, axis).map { "\(Int($0.rounded()))" }.withoutRepetition)
        } else {
          .whole(low: first, high: last)
        }
    } else if let count {
      kind = .values(
        Self.points(count, low, high, axis).map { Self.text(of: $0, low, high, axis) }.withoutRepetition)
    } else {
      kind = .interval(low: low, high: high)
    }
  }

  /// How many values there are; nil for an interval of real numbers.
  var count: Int? {
    switch kind {
    case .interval: nil
    case .whole(let low, let high): high - low + 1
    case .values(let values): values.count
    }
  }

  /// Value number `i` of the ``count``.
  func value(number i: Int) -> String? {
    switch kind {
    case .interval: nil
    case .whole(let low, _): "\(low + i)"
    case .values(let values): values[i]
    }
  }

  /// The value at `u` in [0, 1).
  func value(at u: Double) -> String {
    if case .interval(let low, let high) = kind {
      return Self.text(of: Self.point(u, low, high, axis), low, high, axis)
    }
    let count = count ?? 1
    return value(number: min(count - 1, Int(u * Double(count)))) ?? ""
  }

  /// Values that are tried to check that all can be used. They lie near the ends; the ends themselves may not be
  /// allowed.
  var probes: [String] {
    if case .values(let values) = kind, axis == .categories { return values }
    return [value(at: 0.001), value(at: 0.999)]
  }

  private static func points(_ count: Int, _ low: Double, _ high: Double, _ axis: Axis) -> [Double] {
    (0..<count).map { i in
      i == count - 1 ? high : point(Double(i) / Double(count - 1), low, high, axis)
    }
  }

  private static func point(_ u: Double, _ low: Double, _ high: Double, _ axis: Axis) -> Double {
    if axis == .logarithmic {
      let ratio = high / low
      // The ratio of two numbers can overflow.
      return ratio.isFinite ? low * exp(u * log(ratio)) : exp(log(low) + u * (log(high) - log(low)))
    }
    let width = high - low
    return width.isFinite ? low + width * u : low * (1 - u) + high * u
  }

  private static func text(of x: Double, _ low: Double, _ high: Double, _ axis: Axis) -> String {
    let digits = digits(low, high, axis)
    let text = digits < 17 ? significant(x, digits: digits) : "\(x)"
    // If an end has more digits than this, rounding may carry the value past the end.
    guard let rounded = Double(text), rounded >= low, rounded <= high, x > low, x < high else {
      let end = x < low / 2 + high / 2 ? low : high
      let short = significant(end, digits: 6)
      return Double(short) == end ? short : "\(end)"
    }
    return text
  }

  /// Enough significant digits to write 10⁴ different values of the range or more; 17 digits tell all numbers apart.
  private static func digits(_ low: Double, _ high: Double, _ axis: Axis) -> Int {
    let size = max(abs(low), abs(high))
    let width = axis == .logarithmic ? log(high / low) : high / size - low / size
    return width < 0.1 ? 6 + Int(min(-log10(width), 11).rounded(.up)) : 6
  }
}

extension [String] {
  fileprivate var withoutRepetition: [String] {
    var seen: Set<String> = []
    return filter { seen.insert($0).inserted }
  }
}
