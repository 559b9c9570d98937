import RealModule

/// Adafactor: second moments kept only by row and by column, steps relative to the parameter (Shazeer & Stern 2018,
/// Algorithms 4 to 6).
///
///     β̂₂ = 1 − t⁻ᶜ
///     R ← β̂₂ R + (1 − β̂₂) (G² + ε₁) 1,   C ← β̂₂ C + (1 − β̂₂) 1ᵀ (G² + ε₁)
///     V̂ = R C / 1ᵀR                       (a vector: V̂ ← β̂₂ V̂ + (1 − β̂₂) (g² + ε₁))
///     U = G / √V̂,   Û = U / max(1, RMS(U) / d)
///     X ← X − α Û,   α = max(ε₂, RMS(X)) ρ,   ρ = min(0.01, 1 / √t)
///
/// with RMS the root mean square over one parameter. First step of a vector: α sign(g). R and C are kept as means,
/// which does not change V̂ and keeps long rows in range. Inputs are rows and outputs are columns, as the layout says
/// (``ParameterAxes``); R and C are treated alike, so it does not matter which is which. A kernel is a stack of such
/// matrices, one for each place of its window; ``factored`` has the other choices. Vectors, scalars and matrices with
/// a side shorter than ``minimumDimension`` have a full V̂. With momentum, X ← X − m, where m ← β₁ m + (1 − β₁) α Û.
///
/// ρ's bound is the learning rate. A warm-up from 0, 10⁻⁶ t until it meets 1 / √t, is
/// `learningRate: .warmup(10_000, then: 0.01)`.
///
/// Peers: torch bounds √V̂ from below instead of adding ε₁ (``EpsilonForm/floor``, with ε₁ = 1.2e-7 for `Float`) and
/// decays by α λ before the step; optax factors the two largest dimensions from 128 on (`factored: .largest`,
/// `minimumDimension: 128`) and uses the learning rate as it is (`relativeStep: false`); torch and Keras factor the
/// last two, which in torch's kernels are height and width: to reproduce this, do not declare a kernel's axes.
/// tensor2tensor, the authors' code, factors matrices only; without the parameter's scale it divides ρ by 20.
public struct Adafactor<Scalar: LaneScalar>: TensorRule {
  /// The bound on ρ, or ρ itself. At least 0.
  public var learningRate: Schedule
  /// Whether ρ is at most 1 / √t.
  public var relativeStep: Bool
  /// Whether α is ρ max(ε₂, RMS(X)) or ρ.
  public var parameterScale: Bool
  /// c in [0, 1]: how fast β̂₂ approaches 1.
  public var decayExponent: Double
  /// d ≥ 0: the bound on RMS(U); 0 for none.
  public var clipThreshold: Double
  /// β₁ in [0, 1). With 0 there is no m.
  public var momentum: Double
  /// ε₁ ≥ 0.
  public var epsilon1: Double
  /// ε₂ ≥ 0: the lower bound of RMS(X), so that a parameter of zeros moves.
  public var epsilon2: Double
  /// How ε₁ is used.
  public var epsilonForm: EpsilonForm
  /// Which two dimensions are rows and columns. Changing it between steps has no effect.
  public var factored: Dimensions
  /// The least extent that both need for a factored moment. Changing it between steps has no effect.
  public var minimumDimension: Int

  public init(
    learningRate: Schedule = 0.01, relativeStep: Bool = true, parameterScale: Bool = true, decayExponent: Double = 0.8,
    clipThreshold: Double = 1, momentum: Double = 0, epsilon1: Double = 1e-30, epsilon2: Double = 1e-3,
    epsilonForm: EpsilonForm = .added, factored: Dimensions = .layout, minimumDimension: Int = 1
  ) {
    self.learningRate = learningRate
    self.relativeStep = relativeStep
    self.parameterScale = parameterScale
    self.decayExponent = decayExponent
    self.clipThreshold = clipThreshold
    self.momentum = momentum
    self.epsilon1 = epsilon1
    self.epsilon2 = epsilon2
    self.epsilonForm = epsilonForm
    self.factored = factored
    self.minimumDimension = minimumDimension
  }

  /// How ε₁ is used.
  public enum EpsilonForm: String, Codable, CaseIterable, Sendable {
    /// Added to every squared gradient: the paper.
    case added
    /// The least value of √V̂ and of the mean of R: torch.
    case floor
  }

  /// The dimensions of a tensor that are rows and columns, in the order [window…, inputs…, outputs…].
  public enum Dimensions: String, Codable, CaseIterable, Sendable {
    /// All inputs and all outputs; a parameter without one of them has a full second moment.
    case layout
    /// The last two: the same if one extent counts inputs and one outputs.
    case last
    /// The two largest; among equal ones, the later.
    case largest
    /// None: every parameter has a full second moment.
    case none
  }

  public struct State: Sendable {
    @usableFromInline let factors: Factors?
    @usableFromInline var rows, columns, v, m: LaneArray<Scalar>

    @usableFromInline
    init(factors: Factors?, shape: [Int], hasMomentum: Bool) {
      self.factors = factors
      rows = LaneArray(zeros: factors?.rowShape ?? [0])
      columns = LaneArray(zeros: factors?.columnShape ?? [0])
      v = LaneArray(zeros: factors == nil ? shape : [0])
      m = LaneArray(zeros: hasMomentum ? shape : [0])
    }
  }

  public static var fields: [StateField<State, Scalar>] {
    [.array("rows", \.rows), .array("columns", \.columns), .array("v", \.v), .array("m", \.m)]
  }

  @inlinable
  public func initialState(for θ: TensorView<Scalar>) -> State {
    State(factors: factors(of: θ.shape, θ.axes), shape: θ.shape, hasMomentum: momentum > 0)
  }

  @usableFromInline
  func factors(of shape: [Int], _ roles: [AxisRole]) -> Factors? {
    guard shape.count >= 2 else { return nil }
    var shape = shape
    var axes = [shape.count - 2, shape.count - 1]
    switch factored {
    case .layout:
      guard roles.contains(.input), roles.contains(.output) else { return nil }
      let fans = Fans(shape, roles)
      shape = [fans.window, fans.inputs, fans.outputs]
      axes = [1, 2]
    case .last: break
    case .largest: axes = shape.indices.sorted { (shape[$0], $0) < (shape[$1], $1) }.suffix(2).sorted()
    case .none: return nil
    }
    guard axes.allSatisfy({ shape[$0] >= minimumDimension }) else { return nil }
    return Factors(shape, rows: axes[0], columns: axes[1])
  }

  @inlinable
  public func update(_ θ: TensorView<Scalar>, gradient g: TensorView<Scalar>, state: inout State, at t: Int) {
    let ρ = rho(at: t)
    let scale = parameterScale ? ρ * atLeastε2(θ.rootMeanSquare) : ρ
    let newWeight = weight(at: t)
    let summable = Scalar.largestSummable(count: θ.count)
    let limit = Swift.min(Scalar.largestGradient(squaresWeighedBy: newWeight), summable)
    let m = state.m.count > 0 ? state.m.mutableElements() : nil
    if let factors = state.factors {
      factors.follow(
        g, &state.rows, &state.columns, weight: newWeight, added: epsilonForm == .added ? epsilon1 : 0,
        limit: limit)
      factors.withInverseRoots(state.rows, state.columns, floor: epsilonForm == .floor ? epsilon1 : 0) { roots in
        // U; the estimate of V̂ may be much smaller than g².
        @inline(__always)
        func direction(_ i: Int, _ n: Int, _ inverse: Scalar.Lane) -> Scalar.Lane {
          let g = Scalar.load(g.elements + i, count: n).infinityAsNaN.limited(to: limit)
          return (g * inverse).limited(to: summable)
        }
        var squares = Scalar.Wide.zero
        roots.forEachLane { i, n, inverse in
          let u = Scalar.widened(direction(i, n, inverse))
          squares += u * u
        }
        let α = Scalar.finite(scale / clip(squares.sum(), θ.count))
        roots.forEachLane { i, n, inverse in
          let x = Scalar.load(θ.elements + i, count: n)
          let step = α * direction(i, n, inverse)
          Scalar.store((x - averaged(step, m, i, n)).finite, to: θ.elements + i, count: n)
        }
      }
    } else {
      let (w, ε) = (Scalar(newWeight), Scalar(epsilon1))
      let isFloor = epsilonForm == .floor
      let added = isFloor ? 0 : w * ε
      let v = state.v.mutableLanes()
      var squares = Scalar.Wide.zero
      for i in 0..<θ.laneCount {
        let g = g.lanes[i].infinityAsNaN.limited(to: limit)
        v[i].decay(towardSquareOf: g, by: w)
        v[i] += added
        let u = Scalar.widened(direction(g, v[i], isFloor, ε))
        squares += u * u
      }
      let α = Scalar.finite(scale / clip(squares.sum(), θ.count))
      for i in 0..<θ.laneCount {
        let step = α * direction(g.lanes[i].infinityAsNaN.limited(to: limit), v[i], isFloor, ε)
        θ.lanes[i] = (θ.lanes[i] - averaged(step, m, i * Scalar.laneWidth, Scalar.laneWidth)).finite
      }
    }
  }

  /// U = g / √V̂.
  @inlinable @inline(__always)
  func direction(_ g: Scalar.Lane, _ v: Scalar.Lane, _ isFloor: Bool, _ ε: Scalar) -> Scalar.Lane {
    let root = Scalar.squareRoot(v)
    return g.dividedOrZero(by: isFloor ? Scalar.atLeast(root, ε) : root)
  }

  /// The step, or the average of steps if there is one.
  @inlinable @inline(__always)
  func averaged(_ step: Scalar.Lane, _ m: UnsafeMutablePointer<Scalar>?, _ i: Int, _ n: Int) -> Scalar.Lane {
    guard let m else { return step }
    var average = Scalar.load(m + i, count: n)
    average.decay(toward: step, by: Scalar(1 - momentum))
    Scalar.store(average, to: m + i, count: n)
    return average
  }

  /// ρ.
  @inlinable
  func rho(at t: Int) -> Double {
    let α = learningRate(at: t)
    let bound = 1 / Double(t).squareRoot()
    return relativeStep && bound < α ? bound : α
  }

  /// max(ε₂, x), and NaN for NaN.
  @inlinable func atLeastε2(_ x: Double) -> Double { x < epsilon2 ? epsilon2 : x }

  /// 1 − β̂₂.
  @usableFromInline func weight(at t: Int) -> Double { Double.pow(Double(t), -decayExponent) }

  /// max(1, RMS(U) / d).
  @inlinable
  func clip(_ sumOfSquares: Double, _ count: Int) -> Double {
    guard clipThreshold > 0 else { return 1 }
    let ratio = (sumOfSquares / Double(count)).squareRoot() / clipThreshold
    return ratio < 1 ? 1 : ratio
  }

  public static var options: [RuleOption<Self>] {
    [
      .schedule("learningRate", \.learningRate, in: .nonNegative, "bound on ρ, or ρ itself"),
      .flag("relativeStep", \.relativeStep, "ρ is at most 1 / √t"),
      .flag("parameterScale", \.parameterScale, "multiply ρ by max(ε₂, RMS(X))"),
      .number("decayExponent", \.decayExponent, in: .closedUnit, "c of β̂₂ = 1 − t⁻ᶜ"),
      .number("clipThreshold", \.clipThreshold, in: .nonNegative, "d: bound on RMS(U); 0 for none"),
      .number("momentum", \.momentum, in: .unit, "β₁: decay of the mean step; 0 for none"),
      .number("epsilon1", \.epsilon1, in: .nonNegative, "ε₁: keeps the second moment from 0"),
      .number("epsilon2", \.epsilon2, in: .nonNegative, "ε₂: least RMS(X)")
        .requiring("parameterScale=true") { $0.parameterScale },
      .choice("epsilonForm", \.epsilonForm, "ε₁ added to g² (added, the paper) or the least √V̂ (floor, torch)"),
      .choice(
        "factored", \.factored,
        "rows and columns: inputs and outputs (layout), the last two dimensions, the two largest, or none"),
      .integer("minimumDimension", \.minimumDimension, in: 1...1_000_000_000, "least extent of rows and columns")
        .requiring("factored other than none") { $0.factored != .none },
    ]
  }
}
