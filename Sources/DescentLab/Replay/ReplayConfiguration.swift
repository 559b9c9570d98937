/// The settings of `descent replay`.
public struct ReplayConfiguration: Sendable {
  /// The method, such as `adam:lr=0.001`.
  public var optimizer: String
  /// File of θ₀: shape [d…], or several tensors by name.
  public var initial: String
  /// File of g₁, …, g_T: shape [T, d…].
  public var gradients: String
  /// File to write θ₀, …, θ_T to: shape [T + 1, d…].
  public var output: String?
  /// File of a trajectory to compare with: shape [T + 1, d…].
  public var against: String?
  /// The meaning of the parameters' axes. The last declaration that matches a parameter holds; by default outputs are
  /// last.
  public var axes: [AxesDeclaration] = []
  /// The type in which the replay computes; by default the type of the initial values.
  public var precision: Precision?
  /// The average that is kept, and written instead of θ, if any.
  public var average: String?
  /// Whether the point at which the method evaluates is written instead of θ.
  public var isEvaluated = false
  /// λ of decoupled weight decay: θ ← θ − α λ θ.
  public var weightDecay: Double?
  /// The norm to which gradients are clipped.
  public var clipNorm: Double?
  /// The number of units in the last place by which values may differ.
  public var ulps: UInt64 = 0
  /// An absolute difference that is always allowed, however many units it is.
  public var tolerance: Double = 0

  public init(optimizer: String, initial: String, gradients: String) {
    self.optimizer = optimizer
    self.initial = initial
    self.gradients = gradients
  }
}
