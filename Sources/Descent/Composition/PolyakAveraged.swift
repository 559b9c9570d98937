/// A rule with the mean of the iterates beside it (Polyak & Juditsky 1992; Ruppert 1988).
///
///     θ̄ₜ = θ̄ₜ₋₁ + (θₜ − θ̄ₜ₋₁) / (t − t₀ + 1) from step t₀ on: the mean of θ from step t₀ to step t
///
/// Before t₀ the average is θ itself.
public struct PolyakAveraged<Base: UpdateRule>: ComposedRule, AveragingRule {
  public typealias Scalar = Base.Scalar

  public var base: Base
  /// t₀ ≥ 1: the first step whose result is averaged.
  public var averageStart: Int

  @frozen public struct State: BitwiseCopyable {
    public var base: Base.State
    public var average: Base.Scalar.Lane

    @inlinable
    init(base: Base.State, average: Base.Scalar.Lane) {
      self.base = base
      self.average = average
    }
  }

  @frozen public struct Coefficients: Sendable {
    @usableFromInline var base: Base.Coefficients
    @usableFromInline var weight: Base.Scalar
  }

  public func coefficients(at t: Int) -> Coefficients {
    Coefficients(base: base.coefficients(at: t), weight: Scalar(1 / Double(max(1, t - averageStart + 1))))
  }

  @inlinable @inline(__always)
  public func update(_ θ: inout Lane, gradient g: Lane, state s: inout State, _ c: Coefficients) {
    base.update(&θ, gradient: g, state: &s.base, c.base)
    s.average.decay(toward: θ, by: c.weight)
  }

  @inlinable
  public func initialState(for θ: Lane) -> State { State(base: base.initialState(for: θ), average: θ) }
  public static var slots: [String] { Base.slots + [averageSlot] }
  public static var averageSlot: String { "average/polyak" }
  public func averageCorrection(at t: Int) -> Double { 1 }
  public static var options: [RuleOption<Self>] {
    Base.options.map { $0.lifted(through: \.base) } + [
      .integer("averageStart", \.averageStart, atLeast: 1, "t₀: first step whose result is averaged")
    ]
  }
}

extension UpdateRule {
  /// This rule with the mean of its iterates beside it, in the same pass.
  ///
  /// - Parameter start: t₀ ≥ 1, the first step whose result is averaged.
  public func polyakAveraged(from start: Int = 1) -> PolyakAveraged<Self> {
    PolyakAveraged(base: self, averageStart: start)
  }
}
