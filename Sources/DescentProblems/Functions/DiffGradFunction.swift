import RealModule

/// The three functions of one variable on which the diffGrad paper compares it with Adam.
///
///     F₁(x) = (x + 0.3)²  (x ≤ 0),        (x − 0.2)² + 0.05  (x > 0)
///     F₂(x) = −40 x − 35.15  (x ≤ −0.9),  x³ + x sin 8x + 0.85  (x > −0.9)
///     F₃(x) = x² outside [−½, ½]; 0.75 − |x| on 0.4 < |x| ≤ ½; ⅞ |x| on |x| ≤ 0.4
///
/// Each starts at −1 and has a local minimizer before or behind the global one: F₁ at 0.2, F₂ at −0.25 and 0.59 (and, beyond,
/// at 1.32), F₃ at ±½. F₂ jumps by 0.015 at −0.9. At kinks we take the derivative from the left, like the authors.
public struct DiffGradFunction: NamedProblem {
  public static let name = "diffgradfunction"
  public static let summary = "three functions of one variable with kinks and local minimizers"
  public static let source =
    "Dubey et al., \"diffGrad: an optimization method for convolutional neural networks\", IEEE TNNLS (2020); as the "
    + "authors' notebooks compute them, but for the derivative of F₂, which is wrong there (x cos 8x for 8x cos 8x)"
  public static let options: [ProblemOption] = [.integer("function", 1, in: 1...3, "which of the three")]

  /// 1, 2 or 3.
  public let function: Int

  public init(_ options: ProblemOptions) { function = options.integer("function") }

  public var dimension: Int { 1 }
  public var start: [Double] { [-1] }
  public var region: [ClosedRange<Double>] { [-1...1] }
  public var minimizers: [[Double]] { [[[-0.3], [-0.64291859891526175], [0]][function - 1]] }
  public var minimum: Double? { [0, 0.00011977146994464420, 0][function - 1] }

  public func value(at x: Span<Double>, gradient: inout MutableSpan<Double>) -> Double {
    let x = x[0]
    let (value, slope) =
      switch function {
      case 1: x <= 0 ? ((x + 0.3) * (x + 0.3), 2 * (x + 0.3)) : ((x - 0.2) * (x - 0.2) + 0.05, 2 * (x - 0.2))
      case 2:
        x <= -0.9
          ? (-40 * x - 35.15, -40)
          : (x * x * x + x * Double.sin(8 * x) + 0.85, 3 * x * x + Double.sin(8 * x) + 8 * x * Double.cos(8 * x))
      default: third(x)
      }
    gradient[0] = slope
    return value
  }

  private func third(_ x: Double) -> (Double, Double) {
    switch x {
    case ...(-0.5): (x * x, 2 * x)
    case ...(-0.4): (0.75 + x, 1)
    case ...0: (-0.875 * x, -0.875)
    case ...0.4: (0.875 * x, 0.875)
    case ...0.5: (0.75 - x, -1)
    default: (x * x, 2 * x)
    }
  }
}
