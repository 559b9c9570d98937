/// An objective that multiplies vectors by its Hessian, without ever having the matrix.
public protocol HessianObjective<Scalar>: RepeatableObjective {
  /// Replaces `product` by H v, with H = ∇² of the objective at θ.
  ///
  /// - Parameters:
  ///   - θ: The point.
  ///   - v: A vector of θ's layout.
  ///   - product: A vector of θ's layout with any numbers; its padding must stay zero.
  func hessianProduct(
    at θ: ParameterVector<Scalar>, with v: ParameterVector<Scalar>, into product: inout ParameterVector<Scalar>) throws
}

/// An objective that multiplies vectors by its Gauss–Newton matrix G = Jᵀ H_L J: J is the Jacobian of the model's outputs
/// by θ, and H_L the Hessian of the loss by the outputs. If the loss is minus a log-likelihood of an exponential family
/// (squared error, cross-entropy), G is the Fisher information. It has no negative eigenvalue if the loss is convex.
public protocol GaussNewtonObjective<Scalar>: RepeatableObjective {
  /// Replaces `product` by G v.
  ///
  /// - Parameters:
  ///   - θ: The point.
  ///   - v: A vector of θ's layout.
  ///   - product: A vector of θ's layout with any numbers; its padding must stay zero.
  func gaussNewtonProduct(
    at θ: ParameterVector<Scalar>, with v: ParameterVector<Scalar>, into product: inout ParameterVector<Scalar>) throws
}

/// An objective that gives the diagonal of its curvature.
public protocol CurvatureDiagonalObjective<Scalar>: Objective {
  /// Replaces `diagonal` by the diagonal of the objective's curvature at θ, one number for each parameter.
  ///
  /// - Parameters:
  ///   - θ: The point.
  ///   - form: Which curvature.
  ///   - diagonal: A vector of θ's layout with any numbers; its padding must stay zero.
  func curvatureDiagonal(
    at θ: ParameterVector<Scalar>, _ form: CurvatureForm, into diagonal: inout ParameterVector<Scalar>) throws
}

/// Which second derivatives are meant.
public enum CurvatureForm: String, CaseIterable, Codable, Sendable {
  /// Those of the loss by the outputs alone, carried back through the model as if it were linear: never negative for a
  /// convex loss.
  case gaussNewton
  /// Those of the model, too.
  case full
}
