import RealModule

/// Σ xᵢ yᵢ, one term after the other.
public func dot<T: Real>(_ x: [T], _ y: [T]) -> T { zip(x, y).reduce(0) { $0 + $1.0 * $1.1 } }

/// The Euclidean norm.
public func norm<T: Real>(_ x: [T]) -> T { T.sqrt(x.reduce(0) { $0 + $1 * $1 }) }
