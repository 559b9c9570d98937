/// Makes a program of a graph: finds operations to do in one loop, and places for their results.
struct BlockProgramBuilder {
  private typealias Place = BlockProgram.Place

  /// An operation that is still between nodes.
  struct Step {
    var operation: BlockOperation
    var operands: [Int]
    var exponent = 0.0
  }

  private let graph: UpdateGraph
  private let largest: Double
  private(set) var prologue: [BlockProgram.Instruction] = []
  private(set) var body: [BlockProgram.Instruction] = []
  private(set) var registerCount = 0
  private(set) var uniformCount = 0
  private(set) var constants: [(place: Int, value: Double)] = []
  private(set) var coefficients: [(place: Int, number: Int)] = []
  private var places: [Int: Place] = [:]

  /// - Parameter largest: The largest finite number of the scalars that the program computes with.
  init(_ graph: UpdateGraph, largest: Double) {
    self.graph = graph
    self.largest = largest
  }

  mutating func build() {
    placeUniforms()
    let steps = LoopFusion(graph, largest: largest).steps
    let order = graph.nodes.indices.filter { steps[$0] != nil }
    // The last loop that reads each node; results are read once more at the end, where they are put into memory.
    var lastUse: [Int: Int] = [:]
    for (i, node) in order.enumerated() { for operand in steps[node]!.operands { lastUse[operand] = i } }
    let end = order.count
    var direct: [Int: Place] = [:]
    var copies: [(node: Int, place: Place)] = []
    let results = [(graph.parameter, Place.parameter)] + graph.state.enumerated().map { ($1, Place.state($0)) }
    for (node, place) in results where places[node] != place {
      let input = graph.nodes.indices.first { places[$0] == place }
      let position = order.firstIndex(of: node)
      // A result may replace the old number as soon as no later loop reads that.
      if let position, direct[node] == nil, input.flatMap({ lastUse[$0] }) ?? -1 <= position {
        direct[node] = place
      } else {
        copies.append((node, place))
        lastUse[node] = end
      }
    }
    var free: [Int] = []
    func isRegister(_ place: Place?) -> Int? { if case .register(let r) = place { r } else { nil } }
    func register() -> Int {
      if let r = free.popLast() { return r }
      registerCount += 1
      return registerCount - 1
    }
    // An input that becomes another slot is put aside first.
    for i in copies.indices where steps[copies[i].node] == nil && !graph.isUniform[copies[i].node] {
      let aside = Place.register(register())
      emit(Step(operation: .copy, operands: [copies[i].node]), to: aside)
      copies[i].node = -1 - i
      places[-1 - i] = aside
    }
    for (i, node) in order.enumerated() {
      let step = steps[node]!
      // A loop reads an element before it writes that element, so the result may take an operand's place.
      for operand in Set(step.operands) where lastUse[operand] == i {
        if let r = isRegister(places[operand]) { free.append(r) }
      }
      let place = direct[node] ?? .register(register())
      emit(step, to: place)
      places[node] = place
    }
    for copy in copies { emit(Step(operation: .copy, operands: [copy.node]), to: copy.place) }
  }

  private mutating func emit(_ step: Step, to result: Place) {
    body.append(instruction(step, result))
  }

  private func instruction(_ step: Step, _ result: Place) -> BlockProgram.Instruction {
    func place(_ i: Int) -> Place { i < step.operands.count ? places[step.operands[i]]! : result }
    return BlockProgram.Instruction(
      operation: step.operation, result: result, x: place(0), y: place(1), z: place(2), exponent: step.exponent)
  }

  /// Places for inputs and uniform numbers, and the operations between the latter.
  private mutating func placeUniforms() {
    for (i, node) in graph.nodes.enumerated() {
      switch node {
      case .parameter: places[i] = .parameter
      case .gradient: places[i] = .gradient
      case .state(let slot): places[i] = .state(slot)
      default:
        guard graph.isUniform[i] else { continue }
        let place = uniformCount
        uniformCount += 1
        places[i] = .uniform(place)
        switch node {
        case .coefficient(let k): coefficients.append((place, k))
        case .constant(let bits): constants.append((place, Double(bitPattern: bits)))
        default: prologue.append(instruction(Step(node), .uniform(place)))
        }
      }
    }
  }
}

extension BlockProgramBuilder.Step {
  /// The operation of a node that is no input.
  init(_ node: UpdateGraph.Node) {
    operands = node.operands
    switch node {
    case .parameter, .gradient, .state, .coefficient, .constant: operation = .copy
    case .unary(let unary, _):
      operation =
        switch unary {
        case .negate: .negate
        case .magnitude: .magnitude
        case .squareRoot: .squareRoot
        case .sign: .sign
        case .exponential: .exponential
        case .logarithm: .logarithm
        case .cubeRoot: .cubeRoot
        case .sigmoid: .sigmoid
        }
    case .binary(let binary, _, _):
      operation =
        switch binary {
        case .add: .add
        case .subtract: .subtract
        case .multiply: .multiply
        case .divide: .divide
        case .quotientOrZero: .quotientOrZero
        case .maximum: .maximum
        case .minimum: .minimum
        case .atMost: .atMost
        case .atLeast: .atLeast
        }
    case .select: operation = .select
    case .fusedMultiplyAdd: operation = .fusedMultiplyAdd
    case .power(_, let exponent):
      operation = .power
      self.exponent = exponent
    }
  }
}
