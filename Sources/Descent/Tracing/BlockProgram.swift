/// A graph of operations as a list of loops over blocks of lanes that stay in a near cache.
///
/// The results have the bits of the compiled pass: the loops use the same operations on the same numbers.
struct BlockProgram: Sendable {
  /// Where an operand or a result lies.
  enum Place: Hashable, Sendable {
    case parameter, gradient
    case state(Int)
    /// A block of lanes in the working memory.
    case register(Int)
    /// A number that is the same for all elements.
    case uniform(Int)
  }

  /// One loop over a block.
  struct Instruction: Hashable, Sendable {
    var operation: BlockOperation
    var result: Place
    var x: Place
    var y: Place
    var z: Place
    /// Of a power.
    var exponent = 0.0
  }

  /// Computes the uniform numbers that are not inputs, once a step.
  let prologue: [Instruction]
  /// Computes a block.
  let body: [Instruction]
  let registerCount: Int
  let slotCount: Int
  let uniformCount: Int
  /// The constants among the uniform numbers.
  let constants: [(place: Int, value: Double)]
  /// The place of coefficient number k, if it is used.
  let coefficients: [(place: Int, number: Int)]

  /// The program of `graph` for numbers of a type.
  init<Scalar: LaneScalar>(_ graph: UpdateGraph, for _: Scalar.Type) {
    var builder = BlockProgramBuilder(graph, largest: Double(Scalar.greatestFiniteMagnitude))
    builder.build()
    prologue = builder.prologue
    body = builder.body
    registerCount = builder.registerCount
    slotCount = graph.state.count
    uniformCount = builder.uniformCount
    constants = builder.constants
    coefficients = builder.coefficients
  }
}

/// What a loop over a block computes: an operation of the graph, or several that often follow each other. In the order of
/// `lanes_operation` in lane_blocks.h.
enum BlockOperation: Int32 {
  case copy, negate, magnitude, squareRoot, sign, exponential, logarithm, cubeRoot, sigmoid, power
  case add, subtract, multiply, divide, quotientOrZero, maximum, minimum, atMost, atLeast
  case select, fusedMultiplyAdd
  /// x y + z, rounded twice.
  case timesPlus
  /// x + y z, rounded twice.
  case plusTimes
  /// x − y z, rounded twice.
  case minusTimes
  /// At least y and at most z.
  case clamp
  /// x − (x − x).
  case infinityAsNaN
  /// The same, then at least y and at most z.
  case clampFinite
  /// (x − y x) + y z.
  case decay
  /// (x − y x) + (y z) z.
  case decayTowardSquare
  /// `decay`, and then the nearest finite number.
  case finiteDecay
  /// `decayTowardSquare`, and then at most the largest number.
  case finiteDecayTowardSquare
  /// x − y, and then the nearest finite number.
  case finiteDifference
  /// √x + y.
  case rootPlus
  /// √(x + y) + z.
  case rootOfSumPlus
  /// x y ÷ z, and 0 where z is 0.
  case timesQuotient
}
