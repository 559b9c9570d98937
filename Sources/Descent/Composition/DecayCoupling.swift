/// The factor of a decoupled weight decay λ. λ means the same in every method: see ``learningRate``.
public enum DecayCoupling: String, Codable, CaseIterable, Sendable {
  /// θ ← θ − α λ θ: as in torch, optax and Keras. The default everywhere.
  case learningRate
  /// θ ← θ − λ θ, for any learning rate: the form of Loshchilov & Hutter's paper, in which the schedule is not in α.
  case independent

  /// The factor of λ when the learning rate is `α`.
  func factor(_ α: Double) -> Double { self == .learningRate ? α : 1 }
}
