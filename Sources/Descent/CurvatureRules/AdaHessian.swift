import RealModule

/// AdaHessian: Adam with the Hessian's diagonal in place of the gradient's square (Yao, Gholami, Shen, Mustafa, Keutzer &
/// Mahoney 2021).
///
///     Dₜ = mean of |z ⊙ H z| over each kernel's window,  z = ±1
///     mₜ = β₁ mₜ₋₁ + (1 − β₁) gₜ
///     vₜ = β₂ vₜ₋₁ + (1 − β₂) Dₜ²
///     θₜ₊₁ = θₜ − α (mₜ ÷ (1 − β₁ᵗ)) ÷ (√(vₜ ÷ (1 − β₂ᵗ))ᵏ + ε)
///
/// z ⊙ H z estimates the diagonal of the Hessian (Hutchinson). The mean is over the window of a convolution's kernel, for
/// each input and output (spatial averaging); other parameters have none. k is the Hessian's power.
///
/// First step: α g ÷ (|D|ᵏ + ε). A step costs a gradient and a product with the Hessian. One draw of z is taken, as in
/// the authors' code, and every step draws anew.
public struct AdaHessian<Scalar: LaneScalar>: ObjectiveRule {
  /// α > 0.
  public var learningRate: Schedule
  /// β₁ in [0, 1).
  public var beta1: Double
  /// β₂ in [0, 1).
  public var beta2: Double
  /// ε > 0.
  public var epsilon: Double
  /// k in [0, 1].
  public var power: Double
  /// Whether D is the mean over a kernel's window.
  public var averagesKernels: Bool
  /// The seed of z.
  public var seed: Int

  public init(
    learningRate: Schedule = 0.15, beta1: Double = 0.9, beta2: Double = 0.999, epsilon: Double = 1e-4,
    power: Double = 1, averagesKernels: Bool = true, seed: Int = 0
  ) {
    self.learningRate = learningRate
    self.beta1 = beta1
    self.beta2 = beta2
    self.epsilon = epsilon
    self.power = power
    self.averagesKernels = averagesKernels
    self.seed = seed
  }

  public var needs: Set<ObjectiveCapability> { [.hessianProducts] }
  public static var dependsOnAxes: Bool { true }

  public struct State: Sendable {
    @usableFromInline var m, v: ParameterVector<Scalar>

    @inlinable
    init(zeros layout: ParameterLayout) {
      let zeros = ParameterVector<Scalar>(zeros: layout)
      (m, v) = (zeros, zeros)
    }
  }

  @inlinable public func initialState(for θ: ParameterVector<Scalar>) -> State { State(zeros: θ.layout) }

  public static var fields: [StateField<State, Scalar>] { [.vector("m", \.m), .vector("v", \.v)] }

  public func stateByteCount(of layout: ParameterLayout) -> Double {
    2 * Double(MemoryLayout<Scalar>.size) * Double(layout.paddedCount)
  }

  @inlinable
  public func step(
    _ θ: inout ParameterVector<Scalar>, on objective: inout StepObjective<Scalar>, state s: inout State, at t: Int,
    threads: Int
  ) throws {
    var g = ParameterVector<Scalar>(zeros: θ.layout)
    _ = try objective.value(at: θ, gradient: &g)
    let z: ParameterVector<Scalar> = probe.vector(θ.layout, at: t)
    var diagonal = ParameterVector<Scalar>(zeros: θ.layout)
    try objective.hessianProduct(at: θ, with: z, into: &diagonal)
    diagonal.takeMagnitudes()
    if averagesKernels { diagonal.averageWindows() }
    let limit = Scalar.largestGradient(squaresWeighedBy: 1 - beta2)
    let (weight1, weight2) = (Scalar.finite(1 - beta1), Scalar.finite(1 - beta2))
    let (α, correction) = (learningRate(at: t) / (1 - Double.pow(beta1, t)), 1 / (1 - Double.pow(beta2, t)))
    let (negativeα, scale, ε) = (Scalar.finite(-α), Scalar.finite(correction), Scalar.finite(epsilon))
    let (x, m, v, gradient, d) = (θ.mutableLanes(), s.m.mutableLanes(), s.v.mutableLanes(), g.lanes, diagonal.lanes)
    forEachLane(in: θ.laneCount, threads: threads) { i in
      m[i].decay(toward: gradient[i].infinityAsNaN, by: weight1)
      v[i].decay(towardSquareOf: d[i].limited(to: limit), by: weight2)
      let root = Scalar.squareRoot((v[i] * scale).finite)
      let divisor = power == 1 ? root : Scalar.power(root, power)
      x[i] = (x[i] + (negativeα * (m[i] / (divisor + ε)).finite).finite).finite
    }
  }

  @usableFromInline var probe: Probe { Probe(distribution: .rademacher, name: Self.name, seed: seed) }

  public static var options: [RuleOption<Self>] {
    [
      .schedule("learningRate", \.learningRate, in: .nonNegative, "α: step size"),
      .number("beta1", \.beta1, in: .unit, "β₁: decay rate of the average of gradients"),
      .number("beta2", \.beta2, in: .unit, "β₂: decay rate of the average of the diagonal's squares"),
      .number("epsilon", \.epsilon, in: .positive, "ε: added to the divisor"),
      .number("power", \.power, in: .closedUnit, "k: the power of the Hessian's diagonal; 0 leaves it out"),
      .flag("averagesKernels", \.averagesKernels, "whether the diagonal is averaged over a kernel's window"),
      .seed(\.seed),
    ]
  }
}

extension ParameterVector where Scalar: LaneScalar {
  /// |x|, NaN where x is not finite.
  @inlinable
  mutating func takeMagnitudes() {
    let count = laneCount
    withUnsafeMutableLanes { x in for i in 0..<count { x[i] = Scalar.magnitude(x[i].infinityAsNaN) } }
  }

  /// Replaces each element by the mean over its window: over the places of a convolution's kernel, for the same inputs
  /// and outputs.
  @inlinable
  mutating func averageWindows() {
    let blocks = layout.blocks
    withUnsafeMutableElements { x in
      for block in blocks where block.fans.window > 1 {
        let x = UnsafeMutableBufferPointer(rebasing: x[block.elements])
        var sums = [Double](repeating: 0, count: block.count / block.fans.window)
        let places = Self.placesOutsideWindow(of: block)
        for i in x.indices { sums[places[i]] += Double(x[i]) }
        let window = Double(block.fans.window)
        for i in x.indices { x[i] = Scalar(sums[places[i]] / window) }
      }
    }
  }

  /// For each element the position of its inputs and outputs, as if the window had one place.
  @usableFromInline
  static func placesOutsideWindow(of block: ParameterLayout.Block) -> [Int] {
    var places = [0]
    for (extent, role) in zip(block.shape, block.axes) {
      places = places.flatMap { place in (0..<extent).map { role == .window ? place : place * extent + $0 } }
    }
    return places
  }
}
