import Descent

/// An element-wise nonlinearity. Its derivative is a function of its value, so its input need not be kept.
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

  /// y[i] ← f(y[i]) for the elements of `range`; y is a pooled buffer.
  func apply(to y: UnsafeMutablePointer<Float>, in range: Range<Int>) {
    switch self {
    case .identity: break
    case .relu: Lanes.update(y, range) { Self.relu($1) }
    case .tanh: Lanes.update(y, range) { VectorMath.tanh($1) }
    case .sigmoid: Lanes.update(y, range) { VectorMath.sigmoid($1) }
    case .softplus: Lanes.update(y, range) { VectorMath.softplus($1) }
    }
  }

  /// g[r, c] ← g[r, c] f′ for the columns `range`, where y = f(…), and adds each column's sum to `sums`.
  func applyDerivative(
    to g: UnsafeMutablePointer<Float>, rows: Int, columns: Int, in range: Range<Int>, y: UnsafePointer<Float>,
    columnSums sums: UnsafeMutablePointer<Float>
  ) {
    @inline(__always)
    func update(with y: UnsafePointer<Float>, _ body: (_ g: Lane, _ y: Lane) -> Lane) {
      Lanes.updateRows(g, rows: rows, columns: columns, in: range, with: y, columnSums: sums, body)
    }
    switch self {
    case .identity: update(with: UnsafePointer(g)) { g, _ in g }
    case .relu: update(with: y) { Self.reluGradient($0, $1) }
    case .tanh: update(with: y) { $0 * (1 - $1 * $1) }
    case .sigmoid: update(with: y) { $0 * ($1 - $1 * $1) }
    case .softplus: update(with: y) { Self.softplusGradient($0, $1) }
    }
  }

  /// g[i] ← g[i] f′ for the elements of `range`, where y = f(…); both are pooled buffers.
  func applyDerivative(to g: UnsafeMutablePointer<Float>, y: UnsafePointer<Float>, in range: Range<Int>) {
    switch self {
    case .identity: break
    case .relu: Lanes.update(g, range) { Self.reluGradient($1, Lanes.load(y, $0)) }
    case .tanh:
      Lanes.update(g, range) { i, g in
        let y = Lanes.load(y, i)
        return g * (1 - y * y)
      }
    case .sigmoid:
      Lanes.update(g, range) { i, g in
        let y = Lanes.load(y, i)
        return g * (y - y * y)
      }
    case .softplus: Lanes.update(g, range) { Self.softplusGradient($1, Lanes.load(y, $0)) }
    }
  }

  @inline(__always)
  private static func relu(_ x: Lane) -> Lane { Float.maximum(x, .zero) }

  @inline(__always)
  private static func reluGradient(_ g: Lane, _ y: Lane) -> Lane { Float.select(g, .zero, wherePositive: y) }

  /// The derivative of ln(1 + eˣ) is eˣ/(1 + eˣ) = 1 − e⁻ʸ.
  @inline(__always)
  private static func softplusGradient(_ g: Lane, _ y: Lane) -> Lane { -g * VectorMath.expMinusOne(-y) }
}
