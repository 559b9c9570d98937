import TestSupport
import Testing

@testable import Descent

@Suite struct MatrixProductTests {
  /// Every way in which a matrix may lie, against sums in Double.
  @Test(arguments: [(1, 1, 1), (2, 16, 3), (5, 17, 300), (33, 40, 8), (130, 9, 257), (7, 64, 1)])
  func isTheSumOfTheProducts(m: Int, n: Int, k: Int) throws {
    func check<Scalar: LaneScalar>(_: Scalar.Type, tolerance: Double) throws {
      let a = try randomVector(m * k, seed: 1, of: Scalar.self).values
      let b = try randomVector(k * n, seed: 2, of: Scalar.self).values
      for (isATransposed, isBTransposed) in [(false, false), (true, false), (false, true), (true, true)] {
        var c = [Scalar](repeating: .nan, count: m * n)
        a.withUnsafeBufferPointer { a in
          b.withUnsafeBufferPointer { b in
            let left = MatrixView(a.baseAddress!, rows: isATransposed ? k : m, columns: isATransposed ? m : k)
            let right = MatrixView(b.baseAddress!, rows: isBTransposed ? n : k, columns: isBTransposed ? k : n)
            c.withUnsafeMutableBufferPointer {
              Scalar.multiply(
                isATransposed ? left.transposed : left, isBTransposed ? right.transposed : right,
                into: $0.baseAddress!, isSymmetric: false)
            }
          }
        }
        for i in 0..<m {
          for j in 0..<n {
            var sum = 0.0
            for p in 0..<k {
              sum +=
                Double(a[isATransposed ? p * m + i : i * k + p]) * Double(b[isBTransposed ? j * k + p : p * n + j])
            }
            #expect(abs(Double(c[i * n + j]) - sum) < tolerance)
          }
        }
      }
    }
    try check(Float.self, tolerance: 1e-4)
    try check(Double.self, tolerance: 1e-12)
  }

  @Test(arguments: [1, 3, 16, 17, 50, 150])
  func halfOfASymmetricProductIsTheWhole(n: Int) throws {
    let a = try randomVector(n * 20, seed: 3, of: Float.self).values
    func gram(isSymmetric: Bool) -> [Float] {
      var c = [Float](repeating: .nan, count: n * n)
      a.withUnsafeBufferPointer { a in
        let view = MatrixView(a.baseAddress!, rows: n, columns: 20)
        c.withUnsafeMutableBufferPointer {
          Float.multiply(view, view.transposed, into: $0.baseAddress!, isSymmetric: isSymmetric)
        }
      }
      return c
    }
    #expect(gram(isSymmetric: true) == gram(isSymmetric: false))
  }

  @Test func normsOfNumbersWhoseSquaresAreNoneOfDouble() throws {
    func norm(_ values: [Double]) throws -> Double {
      let x = try ParameterVector(values)
      return x.withUnsafeLanes { Double.norm($0, count: x.laneCount) }
    }
    #expect(try abs(norm([3e200, -4e200]) / 5e200 - 1) < 1e-15)
    #expect(try abs(norm([3e-200, -4e-200]) / 5e-200 - 1) < 1e-15)
    #expect(try norm([3, 4, 0]) == 5 && norm([0, 0]) == 0)
    #expect(try norm([1, -.infinity]) == .infinity)
    #expect(try norm([1e-300, .nan]).isNaN && norm([.infinity, .nan]).isNaN)
  }
}
