import Descent
import RealModule

/// A convex quadratic function with given eigenvalues, f(x) = ½ xᵀ A x with A = Q diag(λ) Qᵀ and Q a random rotation.
///
/// The eigenvalues go from L down to L / κ. The ``start`` Q (1, …, 1) has the same share of every eigenvector.
public struct Quadratic: NamedProblem {
  public static let name = "quadratic"
  public static let summary = "quadratic function of given condition number, rotated at random"
  public static let source = "classical; the rotation by Stewart (1980)"
  public static let options: [ProblemOption] = [
    .integer("dimension", 2, in: 1...1000, "number of variables"),
    .number("condition", 100, in: 1...1e16, "κ: largest eigenvalue ÷ smallest"),
    .number("largest", 1, in: 1e-300...1e300, "L: largest eigenvalue"),
    .choice(
      "spectrum", Spectrum.geometric, "how the eigenvalues lie between L and L ÷ κ: geometric, linear or two of them"),
    .flag("rotated", true, "whether the axes are rotated at random"),
    .integer("seed", 1, in: 0...Int.max, "determines the rotation").requiring(.equal("rotated", "true")),
  ]

  /// How the eigenvalues are spaced between the largest and the smallest.
  public enum Spectrum: String, CaseIterable, Sendable {
    case geometric, linear, two
  }

  /// The eigenvalues of A, in falling order.
  public let eigenvalues: [Double]
  public let start: [Double]
  private let rotation: Rotation?

  public init(_ options: ProblemOptions) throws(ProblemError) {
    let condition = options.number("condition")
    let count = options.integer("dimension")
    let largest = options.number("largest")
    let spectrum = options.choice("spectrum", of: Spectrum.self)
    let eigenvalues = (0..<count).map { i in
      let share = count > 1 ? Double(i) / Double(count - 1) : 0
      let relative =
        switch spectrum {
        case .geometric: Double.pow(condition, -share)
        case .linear: 1 - share * (1 - 1 / condition)
        case .two: 2 * i < count ? 1 : 1 / condition
        }
      return largest * relative
    }
    self.init(eigenvalues: eigenvalues, seed: options.flag("rotated") ? options.seed() : nil)
  }

  /// - Parameters:
  ///   - eigenvalues: Positive; at least one.
  ///   - seed: Determines the rotation; nil for no rotation.
  public init(eigenvalues: [Double], seed: UInt64?) {
    precondition(!eigenvalues.isEmpty && eigenvalues.allSatisfy { $0 > 0 }, "eigenvalues must be positive")
    self.eigenvalues = eigenvalues.sorted(by: >)
    rotation = seed.map { seed in
      var stream = RandomStream(seed: seed, name: "rotation")
      return Rotation(dimension: eigenvalues.count, from: &stream)
    }
    var start = Array(repeating: 1.0, count: eigenvalues.count)
    rotation?.apply(to: &start)
    self.start = start
  }

  public var dimension: Int { eigenvalues.count }
  public var region: [ClosedRange<Double>] { Array(repeating: -1.5...1.5, count: dimension) }
  public var minimizers: [[Double]] { [Array(repeating: 0, count: dimension)] }
  public var minimum: Double? { 0 }
  public var smoothness: Double? { eigenvalues[0] }
  public var plConstant: Double? { eigenvalues[dimension - 1] }

  public func value(at x: Span<Double>, gradient: inout MutableSpan<Double>) -> Double {
    var y = x.indices.map { x[$0] }
    rotation?.applyTransposed(to: &y)
    var value = 0.0
    for i in y.indices {
      value += 0.5 * eigenvalues[i] * y[i] * y[i]
      y[i] *= eigenvalues[i]
    }
    rotation?.apply(to: &y)
    for i in y.indices { gradient[i] = y[i] }
    return value
  }
}
