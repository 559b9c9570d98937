/// A scalar whose operations are written down instead of done, so that a rule can be read: `Adam<Traced<Float>>` is Adam
/// with its equations as an ``UpdateGraph``.
///
/// A traced scalar stands for a node of the graph, or for a number that is known, such as a literal of the rule. A
/// coefficient is both: a node, and its value at the step that is traced. A comparison of coefficients is decided by
/// their values, and noted: it makes a graph of its own for each outcome. What a graph cannot express, such as a look at
/// one element of θ, is noted as an obstacle, and the trace is refused.
public struct Traced<Base: LaneScalar>: BitwiseCopyable, Sendable {
  /// The number, if it is the same for all elements; otherwise NaN.
  public let value: Base
  /// The node in the graph that is being recorded; 0 for a number that is known.
  let node: Int

  init(value: Base, node: Int = 0) {
    self.value = value
    self.node = node
  }

  /// The node of this number in the graph of `recorder`.
  func node(in recorder: Recorder) -> Int {
    node == 0 ? recorder.add(.constant(Double(value))) : node
  }

  /// The result of an operation. It is recorded, unless all operands are known numbers.
  static func recorded(
    _ operands: [Traced], value: @autoclosure () -> Base, node: (_ operands: [Int]) -> UpdateGraph.Node
  ) -> Traced {
    guard let recorder = Recorder.current, operands.contains(where: { $0.node != 0 }) else {
      return Traced(value: value())
    }
    let isUniform = operands.allSatisfy { $0.node == 0 || recorder.isUniform($0.node) }
    return Traced(
      value: isUniform ? value() : .nan, node: recorder.add(node(operands.map { $0.node(in: recorder) })))
  }

  static func binary(
    _ operation: UpdateGraph.Binary, _ x: Traced, _ y: Traced, value: @autoclosure () -> Base
  ) -> Traced {
    recorded([x, y], value: value()) { .binary(operation, $0[0], $0[1]) }
  }

  static func unary(_ operation: UpdateGraph.Unary, _ x: Traced, value: @autoclosure () -> Base) -> Traced {
    recorded([x], value: value()) { .unary(operation, $0[0]) }
  }

  /// The number itself, for code that looks at it. A trace in which that is not the same for all elements is refused,
  /// and so is one in which it is a coefficient: another step might have another.
  func read(_ what: String) -> Base {
    if node != 0 { Recorder.current?.fail("uses \(what) of a number") }
    return value
  }

  /// The outcome of a comparison, which is noted if a coefficient takes part in it.
  func compared(to other: Traced, _ relation: Recorder.Condition.Relation, _ outcome: Bool) -> Bool {
    guard node != 0 || other.node != 0, let recorder = Recorder.current else { return outcome }
    recorder.note(node(in: recorder), relation, other.node(in: recorder), outcome: outcome)
    return outcome
  }
}

/// The lane of a traced scalar: one element stands for all.
public struct TracedLane<Base: LaneScalar>: SIMD, BitwiseCopyable, Sendable {
  public typealias Scalar = Traced<Base>
  public typealias MaskStorage = SIMD2<Int32>
  var x: Traced<Base>

  public init() { x = Traced(value: 0) }
  init(_ x: Traced<Base>) { self.x = x }
  public static var scalarCount: Int { 1 }
  public var scalarCount: Int { 1 }
  public subscript(i: Int) -> Traced<Base> {
    get { x }
    set { x = newValue }
  }
}

extension Traced: RuleScalar {
  public typealias Lane = TracedLane<Base>

  private static func lane(_ operation: UpdateGraph.Unary, _ x: Lane, _ f: (Base.Lane) -> Base.Lane) -> Lane {
    Lane(unary(operation, x.x, value: f(Base.Lane(repeating: x.x.value))[0]))
  }
  private static func lane(
    _ operation: UpdateGraph.Binary, _ x: Lane, _ y: Traced, _ f: (Base.Lane, Base.Lane) -> Base.Lane
  ) -> Lane {
    Lane(binary(operation, x.x, y, value: f(Base.Lane(repeating: x.x.value), Base.Lane(repeating: y.value))[0]))
  }

  public static func squareRoot(_ x: Lane) -> Lane { lane(.squareRoot, x, Base.squareRoot) }
  public static func magnitude(_ x: Lane) -> Lane { lane(.magnitude, x, Base.magnitude) }
  public static func sign(_ x: Lane) -> Lane { lane(.sign, x, Base.sign) }
  public static func exponential(_ x: Lane) -> Lane { lane(.exponential, x, Base.exponential) }
  public static func logarithm(_ x: Lane) -> Lane { lane(.logarithm, x, Base.logarithm) }
  public static func cubeRoot(_ x: Lane) -> Lane { lane(.cubeRoot, x, Base.cubeRoot) }
  public static func sigmoid(_ x: Lane) -> Lane { lane(.sigmoid, x, Base.sigmoid) }
  public static func maximum(_ x: Lane, _ y: Lane) -> Lane { lane(.maximum, x, y.x, Base.maximum) }
  public static func minimum(_ x: Lane, _ y: Lane) -> Lane { lane(.minimum, x, y.x, Base.minimum) }
  public static func quotientOrZero(_ x: Lane, _ y: Lane) -> Lane { lane(.quotientOrZero, x, y.x, Base.quotientOrZero) }

  public static func atMost(_ x: Lane, _ bound: Traced) -> Lane {
    checkBound(bound)
    return lane(.atMost, x, bound) { Base.atMost($0, $1[0]) }
  }
  public static func atLeast(_ x: Lane, _ bound: Traced) -> Lane {
    checkBound(bound)
    return lane(.atLeast, x, bound) { Base.atLeast($0, $1[0]) }
  }
  private static func checkBound(_ bound: Traced) {
    guard let recorder = Recorder.current, bound.node != 0, !recorder.isUniform(bound.node) else { return }
    recorder.fail("bounds a lane by one of its elements")
  }

  public static func select(_ x: Lane, _ y: Lane, wherePositive z: Lane) -> Lane {
    Lane(
      recorded([x.x, y.x, z.x], value: z.x.value > 0 ? x.x.value : y.x.value) {
        .select($0[0], $0[1], wherePositive: $0[2])
      })
  }
  public static func power(_ x: Lane, _ p: Double) -> Lane {
    Lane(
      recorded([x.x], value: Base.power(Base.Lane(repeating: x.x.value), p)[0]) { .power($0[0], exponent: p) })
  }
}
