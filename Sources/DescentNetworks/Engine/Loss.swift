/// A number to be minimized, and how its gradient enters the tensors it was computed from.
///
/// Losses add and can be weighted: `reconstruction + 0.5 * divergence`.
public struct Loss {
  /// The loss; summed in double precision.
  public let value: Double
  /// How many examples were classified correctly; nil if the loss has no classes.
  public let correct: Int?
  /// Adds `scale`·∂value/∂input to each input's gradient.
  let seed: (_ scale: Float) -> Void
  /// Adds `scale`·H_L x′ to what goes back beside the gradient of each input x, with x's tangent x′ and the loss's second
  /// derivative H_L by its inputs; in a pass without tangents, adds `scale` times the diagonal of H_L.
  let curvature: (_ scale: Float) -> Void

  init(
    value: Double, correct: Int? = nil, curvature: @escaping (_ scale: Float) -> Void,
    seed: @escaping (_ scale: Float) -> Void
  ) {
    self.value = value
    self.correct = correct
    self.seed = seed
    self.curvature = curvature
  }

  public static func + (a: Loss, b: Loss) -> Loss {
    Loss(
      value: a.value + b.value, correct: a.correct ?? b.correct,
      curvature: { scale in
        a.curvature(scale)
        b.curvature(scale)
      },
      seed: { scale in
        a.seed(scale)
        b.seed(scale)
      })
  }

  public static func * (weight: Double, loss: Loss) -> Loss {
    Loss(
      value: weight * loss.value, correct: loss.correct, curvature: { loss.curvature(Float(weight) * $0) },
      seed: { loss.seed(Float(weight) * $0) })
  }
}
