import Descent

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
  /// The same for the loss with labels that are drawn from the model's predictions; nil if the loss is not minus the
  /// logarithm of a likelihood.
  let seedDrawn: ((_ scale: Float, _ labels: inout RandomStream) -> Void)?
  /// Adds `scale`·H_L x′ to what goes back beside the gradient of each input x, with x's tangent x′ and the loss's second
  /// derivative H_L by its inputs; in a pass without tangents, adds `scale` times the diagonal of H_L.
  let curvature: (_ scale: Float) -> Void

  init(
    value: Double, correct: Int? = nil, curvature: @escaping (_ scale: Float) -> Void,
    drawn seedDrawn: ((_ scale: Float, _ labels: inout RandomStream) -> Void)? = nil,
    seed: @escaping (_ scale: Float) -> Void
  ) {
    self.value = value
    self.correct = correct
    self.seed = seed
    self.seedDrawn = seedDrawn
    self.curvature = curvature
  }

  public static func + (a: Loss, b: Loss) -> Loss {
    var seedDrawn: ((Float, inout RandomStream) -> Void)?
    if let drawA = a.seedDrawn, let drawB = b.seedDrawn {
      seedDrawn = {
        drawA($0, &$1)
        drawB($0, &$1)
      }
    }
    return Loss(
      value: a.value + b.value, correct: a.correct ?? b.correct,
      curvature: { scale in
        a.curvature(scale)
        b.curvature(scale)
      }, drawn: seedDrawn,
      seed: { scale in
        a.seed(scale)
        b.seed(scale)
      })
  }

  public static func * (weight: Double, loss: Loss) -> Loss {
    // The gradient's second moment, not the gradient, is proportional to the weight.
    let root = weight >= 0 ? Float(weight.squareRoot()) : .nan
    return Loss(
      value: weight * loss.value, correct: loss.correct, curvature: { loss.curvature(Float(weight) * $0) },
      drawn: weight < 0 ? nil : loss.seedDrawn.map { draw in { draw(root * $0, &$1) } },
      seed: { loss.seed(Float(weight) * $0) })
  }
}
