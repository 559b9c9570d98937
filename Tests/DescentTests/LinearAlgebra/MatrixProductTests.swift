import TestSupport
import Testing

@testable import Descent

@Suite struct MatrixProductTests {
  /// Every memory layout of a matrix, against sums in Double.
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
                into: $0.baseAddress!, threads: 1)
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

  /// Whatever the processor's tiles and the number of threads: each partial sum starts from zero and adds 256 terms in
  /// rising order; the partial sums are added in rising order.
  @Test(arguments: [(1, 1, 1), (25, 9, 255), (23, 7, 256), (97, 33, 257), (200, 270, 600)])
  func theOrderOfTheSumsIsFixed(m: Int, n: Int, k: Int) throws {
    func check<Scalar: LaneScalar>(_: Scalar.Type) throws {
      let a = try randomVector(m * k, seed: 5, of: Scalar.self).values
      let b = try randomVector(k * n, seed: 6, of: Scalar.self).values
      let start = try randomVector(m * (n + 3), seed: 7, of: Scalar.self).values
      for (adds, threads) in [(false, 1), (false, 2), (true, 5), (true, 1)] {
        var c = start
        a.withUnsafeBufferPointer { a in
          b.withUnsafeBufferPointer { b in
            Scalar.multiply(
              MatrixView(a.baseAddress!, rows: m, columns: k), MatrixView(b.baseAddress!, rows: k, columns: n),
              into: &c, rowStride: n + 3, part: .whole, adds: adds, threads: threads)
          }
        }
        for i in 0..<m {
          for j in 0..<(n + 3) {
            var sum: Scalar? = adds || j >= n ? start[i * (n + 3) + j] : nil
            for first in stride(from: 0, to: j < n ? k : 0, by: 256) {
              var part: Scalar = 0
              for p in first..<min(first + 256, k) { part += a[i * k + p] * b[p * n + j] }
              sum = sum.map { $0 + part } ?? part
            }
            #expect(c[i * (n + 3) + j] == sum, "\(Scalar.self) \(i), \(j)")
          }
        }
      }
    }
    try check(Float.self)
    try check(Double.self)
  }

  @Test func theUpperPartIsThatOfTheWhole() throws {
    let (n, k) = (210, 100)
    let a = try randomVector(n * k, seed: 8, of: Double.self).values
    func gram(_ part: ProductPart) -> [Double] {
      var c = [Double](repeating: 0, count: n * n)
      a.withUnsafeBufferPointer { a in
        let view = MatrixView(a.baseAddress!, rows: n, columns: k)
        Double.multiply(view, view.transposed, into: &c, part: part, threads: 2)
      }
      return c
    }
    let (upper, whole) = (gram(.upper), gram(.whole))
    for i in 0..<n { #expect(upper[(i * n + i)..<((i + 1) * n)] == whole[(i * n + i)..<((i + 1) * n)]) }
    #expect(gram(.symmetric) == whole)
  }

  @Test func productsOfNothing() {
    var c = [1.0, 2, 3, 4]
    [Double]([0]).withUnsafeBufferPointer { x in
      let (a, b) = (MatrixView(x.baseAddress!, rows: 2, columns: 0), MatrixView(x.baseAddress!, rows: 0, columns: 2))
      Double.multiply(a, b, into: &c, rowStride: 2, part: .whole, adds: true, threads: 1)
      #expect(c == [1, 2, 3, 4])
      Double.multiply(a, b, into: &c, threads: 1)
      #expect(c == [0, 0, 0, 0])
    }
  }

  @Test(arguments: [1, 3, 16, 17, 50, 150])
  func halfOfASymmetricProductIsTheWhole(n: Int) throws {
    let a = try randomVector(n * 20, seed: 3, of: Float.self).values
    func gram(_ part: ProductPart) -> [Float] {
      var c = [Float](repeating: .nan, count: n * n)
      a.withUnsafeBufferPointer { a in
        let view = MatrixView(a.baseAddress!, rows: n, columns: 20)
        c.withUnsafeMutableBufferPointer {
          Float.multiply(view, view.transposed, into: $0.baseAddress!, part: part, threads: 1)
        }
      }
      return c
    }
    #expect(gram(.symmetric) == gram(.whole))
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
