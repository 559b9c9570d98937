/// What `descent replay` is asked for.
public struct ReplayConfiguration: Sendable {
  /// The method, as `adam:lr=0.001`.
  public var optimizer: String
  /// File of θ₀: shape [d…], or several tensors by name.
  public var initial: String
  /// File of g₁, …, g_T: shape [T, d…].
  public var gradients: String
  /// File to write θ₀, …, θ_T to: shape [T + 1, d…].
  public var output: String?
  /// File of a trajectory to compare with: shape [T + 1, d…].
  public var against: String?
  /// What the extents of the parameters count; the last that names a parameter holds. Without one, outputs are last.
  public var axes: [AxesDeclaration] = []
  /// What is computed in; the type of the initial values unless it is given.
  public var precision: Precision?
  /// The average that is kept and written instead of θ.
  public var average: String?
  /// Whether the point at which the method evaluates is written instead of θ.
  public var isEvaluated = false
  /// λ of decoupled weight decay: θ ← θ − α λ θ.
  public var weightDecay: Double?
  /// Norm that gradients are clipped to.
  public var clipNorm: Double?
  /// Units in the last place by which values may differ.
  public var ulps: UInt64 = 0
  /// Absolute difference that is allowed whatever it is in units.
  public var tolerance: Double = 0

  public init(optimizer: String, initial: String, gradients: String) {
    self.optimizer = optimizer
    self.initial = initial
    self.gradients = gradients
  }
}
