/// A method that steps every element separately, in one pass over θ, the gradient and the state: an ``ElementRule``, or
/// one whose state is stored in another way (``Quantized``).
public protocol PassRule<Scalar>: SteppingRule {
  // Stated again, or else Swift does not find the storage of a rule whose state it must infer.
  override associatedtype Scalar: RuleScalar

  /// The scalars that a step needs, computed once a step in Double.
  associatedtype Coefficients: Sendable
  /// The state of a whole vector.
  associatedtype Storage: StateStorage<Scalar>

  /// The scalars of step t = 1, 2, …: a pure function of t, so that a resumed run has the same bits.
  func coefficients(at t: Int) -> Coefficients

  /// Refuses step t before anything changes. Nothing is refused unless the rule says otherwise.
  func check(step t: Int) throws(RuleError)

  /// The names of the slots of the state, in order: `adam/m`, `adam/v`. For an ``ElementRule`` they are the names of
  /// the properties unless the rule says otherwise.
  static var slots: [String] { get }

  /// What is compiled for the rule.
  static var pass: ElementPass<Self> { get }

  /// Refuses a rule whose state cannot be stored.
  static func checkState() throws(RuleError)

  /// The state before step 1 of parameters that start at `θ`.
  func initialStorage(for θ: ParameterVector<Scalar>) -> Storage

  /// One step for `lanes`, a multiple of ``ParameterLayout/alignment`` elements: each of θ, gradient and state is read
  /// once and written once.
  func update(
    lanes: Range<Int>, parameters θ: UnsafeMutablePointer<Lane>, gradient g: UnsafePointer<Lane>,
    gradientScale: Scalar, state: Storage, _ c: Coefficients)
}

extension PassRule {
  @inlinable
  public func check(step t: Int) throws(RuleError) {}
}

/// The state of a whole vector. An optimizer copies a shared one before it changes it.
public protocol StateStorage<Scalar>: AnyObject, Sendable {
  associatedtype Scalar: RuleScalar

  func copy() -> Self
  var byteCount: Int { get }
  /// Slot number `slot` as a vector of `layout`.
  func vector(slot: Int, layout: ParameterLayout) -> ParameterVector<Scalar>
  /// Replaces slot number `slot`.
  func assign(_ vector: ParameterVector<Scalar>, slot: Int)
  /// The names of `slots` for messages: with the storage format if it is not the scalar's.
  func names(of slots: [String]) -> [String]
  /// The slots, exactly as they are stored, under their names.
  func save(_ slots: [String], layout: ParameterLayout) -> SavedState<Scalar>
  /// Replaces the slots by what ``save(_:layout:)`` returned, perhaps with the blocks in another order.
  func restore(_ saved: SavedState<Scalar>, _ slots: [String], layout: ParameterLayout) throws(CheckpointError)
}
