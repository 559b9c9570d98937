import Descent
import TestSupport
import Testing

@Suite struct ParameterVectorTests {
  @Test func blocksStartOnLanes() throws {
    let layout = try ParameterLayout([("a", [3]), ("b", [4, 5]), ("c", []), ("d", [16])])
    #expect(layout.blocks.map(\.offset) == [0, 64, 128, 192])
    #expect(layout.blocks.map(\.count) == [3, 20, 1, 16])
    #expect(layout.parameterCount == 40)
    #expect(layout.paddedCount == 256)
  }

  @Test func valuesAreFoundByName() throws {
    var θ = ParameterVector<Float>(zeros: try ParameterLayout([("a", [3]), ("b", [2, 2])]))
    try θ.assign([1, 2, 3], to: "a")
    try θ.assign([4, 5, 6, 7], to: "b")
    #expect(try θ.values(of: "b") == [4, 5, 6, 7])
    #expect(θ.values == [1, 2, 3, 4, 5, 6, 7])
    #expect(throws: LayoutError.unknown(UnknownName("z", kind: "parameter", known: ["a", "b"]))) {
      try θ.values(of: "z")
    }
    #expect(throws: LayoutError.wrongCount(name: "a", expected: 3, found: 2)) { try θ.assign([1, 2], to: "a") }
  }

  @Test func copiesAreValues() throws {
    var a = try ParameterVector<Double>([1, 2, 3])
    let b = a
    try a.assign([9, 9, 9], to: "x")
    #expect(b.values == [1, 2, 3])
    a.setToZero()
    #expect(a.values == [0, 0, 0] && b.values == [1, 2, 3])
  }

  @Test func lanesAreAligned() throws {
    let θ = ParameterVector<Float>(zeros: try ParameterLayout([("a", [100_000])]))
    θ.withUnsafeLanes { #expect(Int(bitPattern: $0) % 64 == 0) }
  }

  @Test func badLayoutsAreRefused() {
    #expect(throws: LayoutError.emptyName(position: 1)) { try ParameterLayout([("a", [1]), ("", [1])]) }
    #expect(throws: LayoutError.duplicateName("a")) { try ParameterLayout([("a", [1]), ("a", [1])]) }
    #expect(throws: LayoutError.invalidShape(name: "a", shape: [2, 0])) { try ParameterLayout([("a", [2, 0])]) }
    #expect(throws: LayoutError.invalidShape(name: "a", shape: [-1])) { try ParameterLayout([("a", [-1])]) }
    #expect(throws: LayoutError.self) { try ParameterLayout([("a", [Int.max, 2])]) }
    #expect(throws: LayoutError.self) { try ParameterVector<Float>([]) }
  }

  @Test func differencesAreNamed() throws {
    let a = try ParameterLayout([("w", [2, 3]), ("b", [3])])
    let b = try ParameterLayout([("w", [3, 2]), ("c", [3])])
    #expect(
      a.difference(from: b)
        == "'w' has shape [3, 2] instead of [2, 3]; 'b' [3] is missing; 'c' [3] is not expected")
    #expect(a.difference(from: a) == nil)
  }

  @Test func normsSurviveOverflowAndUnderflow() throws {
    #expect(try abs(ParameterVector<Double>([3e200, 4e200]).norm() / 5e200 - 1) < 1e-15)
    #expect(try abs(ParameterVector<Double>([3e-200, 4e-200]).norm() / 5e-200 - 1) < 1e-15)
    #expect(try ParameterVector<Float>([3e38, 0]).norm() == Double(3e38 as Float))
    #expect(try ParameterVector<Float>([1, .infinity]).norm() == .infinity)
    #expect(try ParameterVector<Float>([1, .nan]).norm().isNaN)
    let θ = try randomVector(300_007, seed: 1, of: Float.self)
    #expect(θ.sumOfSquares(threads: 1) == θ.sumOfSquares(threads: 7))
  }

  @Test func sparseRowsAreChecked() throws {
    let rows = try SparseRows(rowStarts: [0, 2, 2, 3], columns: [0, 4, 2], values: [1, 2, 3], columnCount: 5)
    let chosen = rows.rows(at: [2, 0, 1])
    #expect(chosen.rowStarts == [0, 1, 3, 3] && chosen.columns == [2, 0, 4] && chosen.values == [3, 1, 2])
    #expect(throws: SparseRowsError.self) {
      try SparseRows(rowStarts: [0, 2], columns: [4, 4], values: [1, 2], columnCount: 5)
    }
    #expect(throws: SparseRowsError.self) {
      try SparseRows(rowStarts: [0, 1], columns: [5], values: [1], columnCount: 5)
    }
    #expect(throws: SparseRowsError.self) {
      try SparseRows(rowStarts: [0, 3], columns: [1], values: [1], columnCount: 5)
    }
  }
}
