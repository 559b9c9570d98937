/// An objective that closures compute: its value and gradient, and the products of a vector with its Hessian and its
/// Gauss–Newton matrix, as far as they are known.
///
/// ```swift
/// // Rosenbrock's valley: its minimum is at (1, 1).
/// let valley = CurvedObjective<Double> { θ, gradient in
///   let x = θ.values
///   let (a, b) = (1 - x[0], x[1] - x[0] * x[0])
///   try gradient.assign([-2 * a - 400 * x[0] * b, 200 * b], to: "x")
///   return a * a + 100 * b * b
/// } hessian: { θ, v, product in
///   let (x, v) = (θ.values, v.values)
///   let (h00, h01) = (2 - 400 * (x[1] - 3 * x[0] * x[0]), -400 * x[0])
///   try product.assign([h00 * v[0] + h01 * v[1], h01 * v[0] + 200 * v[1]], to: "x")
/// }
/// var θ = try ParameterVector([-1.2, 1.0])
/// var optimizer = try Optimizer(TrustRegion(), for: θ)
/// for _ in 1...40 { try optimizer.step(&θ, on: valley) }
/// ```
///
/// The closures must be functions of θ (and v) alone, so that a method may ask them at several points in one step.
public struct CurvedObjective<Scalar: LaneScalar>: HessianObjective, GaussNewtonObjective {
  /// Replaces the last argument by a matrix at θ times v.
  public typealias Product = (
    _ θ: ParameterVector<Scalar>, _ v: ParameterVector<Scalar>, _ product: inout ParameterVector<Scalar>
  ) throws -> Void

  private let evaluate: ClosureObjective<Scalar>.Evaluation
  private let hessian: Product?
  private let gaussNewton: Product?

  /// - Parameters:
  ///   - evaluate: Replaces the gradient by that at θ, and returns the value there.
  ///   - hessian: Replaces its last argument by H v; nil if it is not known.
  ///   - gaussNewton: Replaces its last argument by G v; nil if it is not known.
  public init(
    _ evaluate: @escaping ClosureObjective<Scalar>.Evaluation, hessian: Product? = nil, gaussNewton: Product? = nil
  ) {
    self.evaluate = evaluate
    self.hessian = hessian
    self.gaussNewton = gaussNewton
  }

  public var capabilities: Set<ObjectiveCapability> {
    var known: Set<ObjectiveCapability> = [.otherPoints]
    if hessian != nil { known.insert(.hessianProducts) }
    if gaussNewton != nil { known.insert(.gaussNewtonProducts) }
    return known
  }

  public func value(at θ: ParameterVector<Scalar>, gradient: inout ParameterVector<Scalar>) throws -> Double {
    try evaluate(θ, &gradient)
  }

  public func hessianProduct(
    at θ: ParameterVector<Scalar>, with v: ParameterVector<Scalar>, into product: inout ParameterVector<Scalar>
  ) throws {
    guard let hessian else { throw ObjectiveError.lacks(.hessianProducts, objective: name, method: "the method") }
    try hessian(θ, v, &product)
  }

  public func gaussNewtonProduct(
    at θ: ParameterVector<Scalar>, with v: ParameterVector<Scalar>, into product: inout ParameterVector<Scalar>
  ) throws {
    guard let gaussNewton else {
      throw ObjectiveError.lacks(.gaussNewtonProducts, objective: name, method: "the method")
    }
    try gaussNewton(θ, v, &product)
  }
}
