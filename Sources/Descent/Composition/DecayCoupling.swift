/// What a decoupled weight decay λ is multiplied by. λ means the same in every method: see ``learningRate``.
public enum DecayCoupling: String, Codable, CaseIterable, Sendable {
  /// θ ← θ − α λ θ: as in torch, optax and Keras. The default everywhere.
  case learningRate
  /// θ ← θ − λ θ, whatever the learning rate: the form of Loshchilov & Hutter's paper, whose schedule is not in α.
  case independent

  /// What λ is multiplied by where the learning rate is `α`.
  func factor(_ α: Double) -> Double { self == .learningRate ? α : 1 }
}
