import CLanes

/// A loop over rows of lanes of one scalar, compiled for every operation.
public struct BlockLoop: Sendable {
  let call: @convention(c) @Sendable (Int32, lanes_row, lanes_row, lanes_row, lanes_row, Double, Int) -> Void
}

extension BlockProgram {
  /// The bytes of a block's row: a few rows stay in the nearest cache.
  private static var blockBytes: Int { 2048 }

  /// Runs the program.
  ///
  /// - Parameters:
  ///   - scalars: The coefficients.
  ///   - lanes: The range of lanes.
  ///   - parameters: θ.
  ///   - gradient: g.
  ///   - state: The records of all lanes, one after the other.
  func run<Scalar: LaneScalar>(
    _ scalars: [Scalar], lanes: Range<Int>, parameters: UnsafeMutablePointer<Scalar.Lane>,
    gradient: UnsafePointer<Scalar.Lane>, state: UnsafeMutablePointer<Scalar.Lane>
  ) {
    let laneBytes = MemoryLayout<Scalar.Lane>.stride
    let length = max(1, min(Self.blockBytes / laneBytes, lanes.count))
    withTemporaryMemory(of: Scalar.Lane.self, count: uniformCount + registerCount * length) { memory in
      guard let uniforms = memory.baseAddress else { return }
      for (place, value) in constants { uniforms[place] = Scalar.Lane(repeating: Scalar(value)) }
      for (place, k) in coefficients { uniforms[place] = Scalar.Lane(repeating: scalars[k]) }
      let rows = Rows(
        laneBytes: laneBytes, slotCount: slotCount, length: length, parameters: UnsafeMutableRawPointer(parameters),
        gradient: UnsafeMutableRawPointer(mutating: gradient), state: UnsafeMutableRawPointer(state),
        uniforms: UnsafeMutableRawPointer(uniforms), registers: UnsafeMutableRawPointer(uniforms + uniformCount))
      run(Scalar.blockLoop, rows, lanes)
    }
  }

  private func run(_ loop: BlockLoop, _ rows: Rows, _ lanes: Range<Int>) {
    func run(_ instruction: Instruction, from start: Int, count: Int) {
      loop.call(
        instruction.operation.rawValue, rows[instruction.result, start], rows[instruction.x, start],
        rows[instruction.y, start], rows[instruction.z, start], instruction.exponent, count)
    }
    for instruction in prologue { run(instruction, from: 0, count: 1) }
    for start in stride(from: lanes.lowerBound, to: lanes.upperBound, by: rows.length) {
      let count = min(rows.length, lanes.upperBound - start)
      for instruction in body { run(instruction, from: start, count: count) }
    }
  }

  /// Where the rows of lanes begin.
  private struct Rows {
    let laneBytes, slotCount, length: Int
    let parameters, gradient, state, uniforms, registers: UnsafeMutableRawPointer

    subscript(place: Place, start: Int) -> lanes_row {
      switch place {
      case .parameter: lanes_row(lanes: parameters + start * laneBytes, stride: 1)
      case .gradient: lanes_row(lanes: gradient + start * laneBytes, stride: 1)
      case .state(let slot): lanes_row(lanes: state + (start * slotCount + slot) * laneBytes, stride: slotCount)
      case .register(let r): lanes_row(lanes: registers + r * length * laneBytes, stride: 1)
      case .uniform(let u): lanes_row(lanes: uniforms + u * laneBytes, stride: 0)
      }
    }
  }
}
