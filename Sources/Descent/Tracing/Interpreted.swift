/// An element-wise rule, or a composition of rules, that is stepped by its graph: read once, and then run as loops over
/// blocks of lanes in cache.
///
/// ```swift
/// let rule: any ElementRule<Traced<Double>> = …          // composed while the program runs
/// var optimizer = try Optimizer(Interpreted(rule), for: θ)
/// ```
///
/// The bits are those of the compiled pass. A rule whose concrete type is known where the optimizer is made is faster
/// without this; behind `any ElementRule` this is faster by far.
public struct Interpreted<Base: ElementRule, Scalar: LaneScalar>: PassRule, WrappingRule
where Base.Scalar == Traced<Scalar> {
  public typealias Storage = LaneRecords<Scalar>

  /// The rule, over scalars that are recorded.
  public var base: Base { didSet { programs = ProgramCache() } }
  private var programs = ProgramCache<Scalar>()

  public init(_ base: Base) { self.base = base }

  /// The programs of a step and the scalars that go into them.
  public struct Coefficients: Sendable {
    let programs: ProgramCache<Scalar>.Programs
    let scalars: [Scalar]
  }

  public func coefficients(at t: Int) -> Coefficients {
    do throws(RuleError) {
      return try programs.coefficients(of: base, at: t)
    } catch {
      // `check(step:)` has traced it.
      preconditionFailure("step \(t): \(error)")
    }
  }

  /// Refuses a step at which the rule makes a choice that no graph can express.
  public func check(step t: Int) throws(RuleError) { _ = try programs.coefficients(of: base, at: t) }

  public static var slots: [String] { Base.slots }
  public static func checkState() throws(RuleError) { try Base.checkState() }

  public func validate() throws(RuleError) {
    try base.validate()
    _ = try RuleTrace.initialState(of: base)
    try check(step: 1)
  }

  public func initialStorage(for θ: ParameterVector<Scalar>) -> LaneRecords<Scalar> {
    let records = LaneRecords<Scalar>(laneCount: θ.laneCount, slotCount: Base.slotCount)
    guard Base.slotCount > 0 else { return records }
    do throws(RuleError) {
      let program = BlockProgram(try RuleTrace.initialState(of: base), for: Scalar.self)
      // The gradient is not read, and θ is not written.
      θ.withUnsafeLanes { lanes in
        program.run(
          [Scalar](), lanes: 0..<records.laneCount, parameters: UnsafeMutablePointer(mutating: lanes),
          gradient: lanes, state: records.lanes)
      }
    } catch {
      preconditionFailure("\(error)")
    }
    return records
  }

  public func update(
    lanes: Range<Int>, parameters θ: UnsafeMutablePointer<Scalar.Lane>, gradient g: UnsafePointer<Scalar.Lane>,
    gradientScale: Scalar, state: LaneRecords<Scalar>, _ c: Coefficients
  ) {
    let program = gradientScale == 1 ? c.programs.plain : c.programs.scaled
    program.run(c.scalars + [gradientScale], lanes: lanes, parameters: θ, gradient: g, state: state.lanes)
  }
}

extension Interpreted {
  /// Reads what the rule itself writes: a checkpoint says how a rule steps, not how it is run.
  public init(from decoder: any Decoder) throws { self.init(try Base(from: decoder)) }
  public func encode(to encoder: any Encoder) throws { try base.encode(to: encoder) }
}

extension Interpreted: AveragingRule where Base: AveragingRule {
  public static var averageSlot: String { Base.averageSlot }
}
