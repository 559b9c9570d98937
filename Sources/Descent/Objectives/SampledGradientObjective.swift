/// Which labels the loss has where curvature is estimated from gradients.
public enum CurvatureLabels: String, CaseIterable, Codable, Sendable {
  /// Drawn from the model's predictions: the gradients' second moment is the Fisher information.
  case sampled
  /// The batch's own: the "empirical Fisher", which is not the Fisher information.
  case given
}

/// An objective that also gives its gradient with labels drawn from the model's predictions.
public protocol SampledGradientObjective<Scalar>: Objective {
  /// How many examples the objective is the mean of. 1 unless it says otherwise.
  var exampleCount: Int { get }

  /// The value at a point, its gradient, and the gradient of the same batch's mean loss with other labels.
  ///
  /// - Parameters:
  ///   - θ: The point.
  ///   - gradient: As in ``Objective/value(at:gradient:)``.
  ///   - sampledGradient: A vector of θ's layout with any numbers; replaced by the mean gradient at θ with labels drawn
  ///     from the model's predictions there.
  /// - Returns: The objective's value at θ.
  func value(
    at θ: ParameterVector<Scalar>, gradient: inout ParameterVector<Scalar>,
    sampledGradient: inout ParameterVector<Scalar>
  ) throws -> Double
}

extension SampledGradientObjective {
  public var exampleCount: Int { 1 }
}
