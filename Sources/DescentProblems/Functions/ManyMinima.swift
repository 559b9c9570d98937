import RealModule

/// Styblinski and Tang's function, f(x) = ½ Σᵢ xᵢ⁴ − 16 xᵢ² + 5 xᵢ, with 2ᵈ local minimizers, one of them the global one.
public struct StyblinskiTang: NamedProblem {
  public static let name = "styblinskitang"
  public static let summary = "separable, 2ᵈ local minimizers"
  public static let source =
    "Styblinski & Tang, \"Experiments in nonconvex optimization: stochastic approximation with function smoothing and "
    + "simulated annealing\", Neural Networks 3 (1990)"
  public static let options: [ProblemOption] = [.integer("dimension", 2, in: 1...1_000_000, "number of variables")]

  public let dimension: Int

  public init(_ options: ProblemOptions) { dimension = options.integer("dimension") }

  public var start: [Double] { Array(repeating: 0, count: dimension) }
  public var region: [ClosedRange<Double>] { Array(repeating: -5...5, count: dimension) }
  public var minimizers: [[Double]] { [Array(repeating: -2.9035340277711771, count: dimension)] }
  public var minimum: Double? { -39.166165703771415 * Double(dimension) }

  public func value(at x: Span<Double>, gradient: inout MutableSpan<Double>) -> Double {
    var value = 0.0
    for i in 0..<dimension {
      let square = x[i] * x[i]
      value += 0.5 * (square * square - 16 * square + 5 * x[i])
      gradient[i] = 2 * square * x[i] - 16 * x[i] + 2.5
    }
    return value
  }
}

/// Rastrigin's function, f(x) = 10 d + Σᵢ xᵢ² − 10 cos 2π xᵢ: a bowl with a dimple near every whole number.
public struct Rastrigin: NamedProblem {
  public static let name = "rastrigin"
  public static let summary = "a bowl with a local minimizer near every point of whole numbers"
  public static let source =
    "Rastrigin, Systems of Extremal Control (1974); Mühlenbein, Schomisch & Born, Parallel Computing 17 (1991)"
  public static let options: [ProblemOption] = [.integer("dimension", 2, in: 1...1_000_000, "number of variables")]

  public let dimension: Int

  public init(_ options: ProblemOptions) { dimension = options.integer("dimension") }

  public var start: [Double] { (0..<dimension).map { $0 % 2 == 0 ? 2.2 : -1.3 } }
  public var region: [ClosedRange<Double>] { Array(repeating: -5.12...5.12, count: dimension) }
  public var minimizers: [[Double]] { [Array(repeating: 0, count: dimension)] }
  public var minimum: Double? { 0 }
  /// f'' = 2 + 40 π² cos 2π x.
  public var smoothness: Double? { 2 + 40 * Double.pi * Double.pi }

  public func value(at x: Span<Double>, gradient: inout MutableSpan<Double>) -> Double {
    var value = 0.0
    for i in 0..<dimension {
      let angle = 2 * Double.pi * x[i]
      // 10 − 10 cos a, computed without cancellation near 0.
      let sine = Double.sin(angle / 2)
      value += x[i] * x[i] + 20 * sine * sine
      gradient[i] = 2 * x[i] + 20 * Double.pi * Double.sin(angle)
    }
    return value
  }
}
