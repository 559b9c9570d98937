/// Shampoo: a gradient preconditioned from each of its sides (Gupta, Koren & Singer 2018, Algorithms 1 and 2).
///
///     L ← L + G Gᵀ,  R ← R + Gᵀ G
///     W ← W − α (L + ε I)^(−1/4) G (R + ε I)^(−1/4)
///
/// A tensor of order k has a factor Hᵢ ← Hᵢ + Gᵢ Gᵢᵀ for each side, with Gᵢ the unfolding, and the exponent −1/(2k):
/// for a vector this is full-matrix AdaGrad, for a scalar AdaGrad. The paper starts the factors at ε I, which is the
/// same. First step: all singular values of a matrix's step are α (for ε → 0): it is α times the orthogonal factor of
/// G.
///
/// For β₂ < 1 the factors are averages, Hᵢ ← β₂ Hᵢ + (1 − β₂) Gᵢ Gᵢᵀ, divided by 1 − β₂ᵗ. The inverse roots are
/// computed at `startStep`, and again every `preconditionEvery` steps; before, the step is the grafted method's, or G.
/// Because the factors of a few gradients are soon out of date, the roots are also computed 1, 3, 7, 15, … steps after
/// the first time, as long as that is sooner. The roots in use are part of the state, so that a resumed run continues
/// with the same bits. Roots are computed from eigenvalues: λᵢ − min(λ, 0) + ε to the power.
///
/// Shapes: sides longer than `maximumSide` are cut into blocks that are preconditioned separately, or have a diagonal
/// factor (the paper; `oversized: diagonal`). Convolution kernels are tensors of order 4, as in the paper;
/// `form: matrix` makes them matrices of outputs × (inputs · height · width). All sides are treated alike: except
/// for `form`, it does not matter which of them are inputs and which outputs.
///
/// The paper computes the roots at every step and cuts no side shorter than 1200:
/// `preconditionEvery: 1, maximumSide: 1200, oversized: diagonal`. Besides the roots, a step makes 1.5 (m + n)
/// multiplications for each element of an m×n matrix. The defaults make the method usable: roots every 50 steps (users
/// take 10 to 100, Distributed Shampoo's examples 100), and blocks of 64 (Google's code 128).
///
/// Factors, roots and products are in `Double`, whatever the parameters' precision: the root magnifies the rounding
/// errors in a factor's small eigenvalues.
///
/// Peers: Distributed Shampoo (Shi et al. 2023) averages gradients too (`beta1: 0.9`), has ε = 1e-12, merges sides
/// (`form: merged`), cuts blocks of 1024 and grafts: each block's step has the norm that another method's would have.
/// It merges torch's kernels from the outputs on, Anil et al. JAX's from the height on, as here; by name, the method
/// with these options is `blockshampoo`. `relativeEpsilon`
/// multiplies ε by the largest eigenvalue (Anil et al. 2021).
public struct Shampoo<Scalar: LaneScalar>: TensorRule {
  /// α ≥ 0.
  public var learningRate: Schedule
  /// β₁ in [0, 1): decay of the mean gradient, which is then preconditioned in G's place.
  public var beta1: Double
  /// β₂ in [0, 1]: decay of the factors; 1 sums.
  public var beta2: Double
  /// Whether averages are divided by 1 − βᵗ.
  public var biasCorrection: Bool
  /// μ in [0, 1): heavy-ball momentum of the preconditioned steps.
  public var momentum: Double
  /// Whether that momentum looks ahead.
  public var nesterov: Bool
  /// ε ≥ 0.
  public var epsilon: Double
  /// Whether ε is multiplied by the largest eigenvalue.
  public var relativeEpsilon: Bool
  /// p ≥ 0 of the power −p; 0 for 1/(2k).
  public var exponent: Double
  /// Steps from one computation of the roots to the next, at least 1.
  public var preconditionEvery: Int
  /// The first step that is preconditioned, at least 1.
  public var startStep: Int
  /// The shape in which tensors are preconditioned.
  public var form: TensorForm
  /// The longest side with a full factor, at least 1.
  public var maximumSide: Int
  /// How longer sides are treated.
  public var oversized: OversizedSide
  /// The method whose norm a step gets.
  public var grafting: Grafting
  /// β₂ of RMSProp and Adam as grafted methods.
  public var graftingBeta2: Double
  /// ε ≥ 0 of the grafted method.
  public var graftingEpsilon: Double

  public init(
    learningRate: Schedule = 0.01, beta1: Double = 0, beta2: Double = 1, biasCorrection: Bool = true,
    momentum: Double = 0,
    nesterov: Bool = false, epsilon: Double = 1e-4, relativeEpsilon: Bool = false, exponent: Double = 0,
    preconditionEvery: Int = 50, startStep: Int = 1, form: TensorForm = .tensor, maximumSide: Int = 64,
    oversized: OversizedSide = .blocks, grafting: Grafting = .none, graftingBeta2: Double = 0.999,
    graftingEpsilon: Double = 1e-8
  ) {
    self.learningRate = learningRate
    self.beta1 = beta1
    self.beta2 = beta2
    self.biasCorrection = biasCorrection
    self.momentum = momentum
    self.nesterov = nesterov
    self.epsilon = epsilon
    self.relativeEpsilon = relativeEpsilon
    self.exponent = exponent
    self.preconditionEvery = preconditionEvery
    self.startStep = startStep
    self.form = form
    self.maximumSide = maximumSide
    self.oversized = oversized
    self.grafting = grafting
    self.graftingBeta2 = graftingBeta2
    self.graftingEpsilon = graftingEpsilon
  }

  public struct State: Sendable {
    /// The sides' Hᵢ and their inverse roots, one after the other.
    var factors, roots: LaneArray<Double>
    /// The mean gradient, the grafted method's mean square and the momentum; empty if there is none.
    var m, v, buffer: LaneArray<Double>
  }

  public static var fields: [StateField<State, Scalar>] {
    [
      .doubles("factors", \.factors), .doubles("roots", \.roots), .doubles("m", \.m), .doubles("v", \.v),
      .doubles("momentum", \.buffer),
    ]
  }

  public func initialState(for θ: TensorView<Scalar>) -> State {
    let factors = LaneArray<Double>(zeros: [layout(of: form.shape(of: θ, limit: maximumSide)).count])
    func slot(_ isKept: Bool) -> LaneArray<Double> { LaneArray(zeros: isKept ? θ.shape : [0]) }
    return State(
      factors: factors, roots: factors, m: slot(beta1 > 0), v: slot(grafting.hasMoment), buffer: slot(momentum > 0))
  }

  public func stateByteCount(of shape: [Int], axes: [AxisRole]) -> Double {
    let slots = [beta1 > 0, grafting.hasMoment, momentum > 0].count { $0 }
    let factors = layout(of: form.shape(of: shape, axes: axes, limit: maximumSide)).count
    return 16 * Double(factors) + shape.reduce(8 * Double(slots)) { $0 * Double($1) }
  }

  @inlinable
  public func update(_ θ: TensorView<Scalar>, gradient g: TensorView<Scalar>, state: inout State, at t: Int) {
    let shape = form.shape(of: θ, limit: maximumSide)
    step(shape, state: &state, at: t, threads: θ.threads, gradient: g.reader, apply: θ.stepper(learningRate(at: t)))
  }

  public static var options: [RuleOption<Self>] {
    [
      .schedule("learningRate", \.learningRate, in: .nonNegative, "α: step size"),
      .number("beta1", \.beta1, in: .unit, "β₁: decay of the mean gradient"),
      .number("beta2", \.beta2, in: .closedUnit, "β₂: decay of the factors; 1 sums (paper)"),
      .flag("biasCorrection", \.biasCorrection, "divide averages by 1 − βᵗ")
        .requiring("an average: beta1 above 0, beta2 below 1, or grafting=adam") {
          $0.beta1 > 0 || $0.beta2 < 1 || $0.grafting == .adam
        },
      .number("momentum", \.momentum, in: .unit, "μ: momentum of the steps"),
      .flag("nesterov", \.nesterov, "momentum looks ahead").requiring("momentum above 0") { $0.momentum > 0 },
      .number("epsilon", \.epsilon, in: .nonNegative, "ε: added to the eigenvalues"),
      .flag("relativeEpsilon", \.relativeEpsilon, "multiply ε by the largest eigenvalue"),
      .number("exponent", \.exponent, in: .nonNegative, "p of the roots' power −p; 0 for 1/(2k)"),
      .integer(
        "preconditionEvery", \.preconditionEvery, in: 1...1_000_000_000,
        "steps between computations of the roots; 1: the paper"),
      .integer("startStep", \.startStep, in: 1...1_000_000_000, "first step that is preconditioned"),
      .choice("form", \.form, "sides: as they are (tensor), inputs against outputs (matrix), or merged"),
      .integer("maximumSide", \.maximumSide, in: 1...1_000_000, "longest side with a full factor"),
      .choice("oversized", \.oversized, "longer sides: diagonal (paper) or cut into blocks"),
      .choice("grafting", \.grafting, "method whose norm the step has"),
      .number("graftingBeta2", \.graftingBeta2, in: .unit, "β₂ of the grafted method")
        .requiring("grafting=rmsprop or adam") { $0.grafting == .rmsprop || $0.grafting == .adam },
      .number("graftingEpsilon", \.graftingEpsilon, in: .nonNegative, "ε of the grafted method")
        .requiring("grafting=adagrad, rmsprop or adam") { $0.grafting.hasMoment },
    ]
  }
}

/// An element of a gradient in `Double`, at most 2⁴⁵⁰, so that sums of its squares over all sides and steps, and
/// results computed from them, stay far below the largest number; NaN if the element is not finite.
@inlinable
func matrixElement<Scalar: LaneScalar>(_ x: Scalar) -> Double {
  let wide = Double(x)
  let bounded = wide > 0x1p450 ? 0x1p450 : wide < -0x1p450 ? -0x1p450 : wide
  // x − x is 0 or NaN. Without a branch, the loop takes several elements at once.
  return bounded * Double(1 + (x - x))
}

/// How a side is treated that is too long for a full factor.
public enum OversizedSide: String, Codable, CaseIterable, Sendable {
  /// A diagonal factor: the paper.
  case diagonal
  /// Pieces with factors of their own: Distributed Shampoo.
  case blocks
}

/// The method whose norm a preconditioned step is given.
public enum Grafting: String, Codable, CaseIterable, Sendable {
  case none, sgd, adagrad, rmsprop, adam

  var hasMoment: Bool { self != .none && self != .sgd }
}
