import Descent

/// An element-wise nonlinearity. Each one's derivative is a function of its value, so its input need not be kept.
public enum Activation: String, CaseIterable, Codable, Sendable {
  /// x
  case identity
  /// max(x, 0); its derivative at 0 is taken as 0.
  case relu
  /// tanh x
  case tanh
  /// 1/(1 + e⁻ˣ)
  case sigmoid
  /// ln(1 + eˣ)
  case softplus

  /// y[r, c] ← f(y[r, c] + bias[c])
  func apply(to y: UnsafeMutablePointer<Float>, rows: Int, columns: Int, bias: UnsafePointer<Float>) {
    switch self {
    case .identity: Lanes.updateRows(y, rows: rows, columns: columns, with: bias) { $0 + $1 }
    case .relu: Lanes.updateRows(y, rows: rows, columns: columns, with: bias) { Self.relu($0 + $1) }
    case .tanh: Lanes.updateRows(y, rows: rows, columns: columns, with: bias) { VectorMath.tanh($0 + $1) }
    case .sigmoid: Lanes.updateRows(y, rows: rows, columns: columns, with: bias) { VectorMath.sigmoid($0 + $1) }
    case .softplus: Lanes.updateRows(y, rows: rows, columns: columns, with: bias) { VectorMath.softplus($0 + $1) }
    }
  }

  /// y[i] ← f(y[i]); y is a pooled buffer.
  func apply(to y: UnsafeMutablePointer<Float>, count: Int) {
    switch self {
    case .identity: break
    case .relu: Lanes.update(y, count: count) { Self.relu($1) }
    case .tanh: Lanes.update(y, count: count) { VectorMath.tanh($1) }
    case .sigmoid: Lanes.update(y, count: count) { VectorMath.sigmoid($1) }
    case .softplus: Lanes.update(y, count: count) { VectorMath.softplus($1) }
    }
  }

  /// g[r, c] ← g[r, c] f′, where y = f(…), and adds each column's sum to `sums`.
  func applyDerivative(
    to g: UnsafeMutablePointer<Float>, rows: Int, columns: Int, y: UnsafePointer<Float>,
    columnSums sums: UnsafeMutablePointer<Float>
  ) {
    switch self {
    case .identity:
      Lanes.updateRows(g, rows: rows, columns: columns, with: UnsafePointer(g), columnSums: sums) { g, _ in g }
    case .relu:
      Lanes.updateRows(g, rows: rows, columns: columns, with: y, columnSums: sums) { Self.reluGradient($0, $1) }
    case .tanh: Lanes.updateRows(g, rows: rows, columns: columns, with: y, columnSums: sums) { $0 * (1 - $1 * $1) }
    case .sigmoid: Lanes.updateRows(g, rows: rows, columns: columns, with: y, columnSums: sums) { $0 * ($1 - $1 * $1) }
    case .softplus:
      Lanes.updateRows(g, rows: rows, columns: columns, with: y, columnSums: sums) { Self.softplusGradient($0, $1) }
    }
  }

  /// g[i] ← g[i] f′, where y = f(…); both are pooled buffers.
  func applyDerivative(to g: UnsafeMutablePointer<Float>, y: UnsafePointer<Float>, count: Int) {
    switch self {
    case .identity: break
    case .relu: Lanes.update(g, count: count) { Self.reluGradient($1, Lanes.load(y, $0)) }
    case .tanh:
      Lanes.update(g, count: count) { i, g in
        let y = Lanes.load(y, i)
        return g * (1 - y * y)
      }
    case .sigmoid:
      Lanes.update(g, count: count) { i, g in
        let y = Lanes.load(y, i)
        return g * (y - y * y)
      }
    case .softplus: Lanes.update(g, count: count) { Self.softplusGradient($1, Lanes.load(y, $0)) }
    }
  }

  @inline(__always)
  private static func relu(_ x: Lane) -> Lane { Float.maximum(x, .zero) }

  @inline(__always)
  private static func reluGradient(_ g: Lane, _ y: Lane) -> Lane { Lane.zero.replacing(with: g, where: y .> 0) }

  /// The derivative of ln(1 + eˣ) is eˣ/(1 + eˣ) = 1 − e⁻ʸ.
  @inline(__always)
  private static func softplusGradient(_ g: Lane, _ y: Lane) -> Lane { -g * VectorMath.expMinusOne(-y) }
}
