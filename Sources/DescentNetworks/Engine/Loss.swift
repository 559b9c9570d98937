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

  init(value: Double, correct: Int? = nil, seed: @escaping (_ scale: Float) -> Void = { _ in }) {
    self.value = value
    self.correct = correct
    self.seed = seed
  }

  public static func + (a: Loss, b: Loss) -> Loss {
    Loss(value: a.value + b.value, correct: a.correct ?? b.correct) { scale in
      a.seed(scale)
      b.seed(scale)
    }
  }

  public static func * (weight: Double, loss: Loss) -> Loss {
    Loss(value: weight * loss.value, correct: loss.correct) { loss.seed(Float(weight) * $0) }
  }
}
