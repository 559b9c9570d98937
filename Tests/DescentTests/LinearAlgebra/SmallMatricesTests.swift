import TestSupport
import Testing

@testable import Descent

@Suite struct SmallMatricesTests {
  static let orders = [1, 2, 3, 4, 5, 8, 9, 16, 25, 32]

  /// The triangles of one matrix in each element of a lane.
  private func triangles<Scalar: LaneScalar>(_ matrices: [[Scalar]], order n: Int) -> [Scalar.Lane] {
    (0..<n).flatMap { i in
      (0...i).map { j in
        var lane = Scalar.Lane.zero
        for (k, matrix) in matrices.enumerated() { lane[k] = matrix[i * n + j] }
        return lane
      }
    }
  }

  private func matrices<Scalar: LaneScalar>(_ n: Int, λ: Double, of _: Scalar.Type) -> [[Scalar]] {
    (0..<Scalar.laneWidth).map { positiveMatrix(n, rank: max(1, n / 2), damping: λ, seed: UInt64($0), of: Scalar.self) }
  }

  /// As for one matrix: ‖A⁻¹ − exact‖ ≤ 4 n u κ ‖A⁻¹‖ by largest elements, and |x − exact| likewise.
  @Test(arguments: orders, [1.0, 1e-3]) func inversesAndSolutionsAreThoseOfAWiderType(n: Int, λ: Double) {
    func check<Scalar: LaneScalar, Wide: BinaryFloatingPoint>(_: Scalar.Type, _: Wide.Type) {
      let small = SmallMatrices<Scalar>(order: n)
      let matrices = matrices(n, λ: λ, of: Scalar.self)
      var l = triangles(matrices, order: n)
      #expect(small.factor(&l) == Scalar.Lane(repeating: 1))
      let right = (0..<n).map { Scalar($0 % 3) - 1 }
      var x = right.map { Scalar.Lane(repeating: $0) }
      small.solve(l, &x)
      small.invertFactored(&l)
      var product = [Scalar.Lane](repeating: .zero, count: n)
      small.multiply(l, right.map { Scalar.Lane(repeating: $0) }, into: &product)
      for (lane, a) in matrices.enumerated() {
        let exact = widerInverse(a.map { Wide($0) }, order: n)
        let scale = exact.reduce(0) { max($0, Double($1.magnitude)) }
        let κ = (0..<n).reduce(0) { $0 + Double(a[$1 * n + $1]) } / λ
        let bound = 2 * Double(n) * Double(Scalar.ulpOfOne) * κ * scale
        var error = 0.0
        for i in 0..<n {
          for j in 0...i {
            error = max(error, abs(Double(Wide(l[i * (i + 1) / 2 + j][lane]) - exact[i * n + j])))
          }
          let solution = (0..<n).reduce(Wide(0)) { $0 + exact[i * n + $1] * Wide(right[$1]) }
          error = max(error, abs(Double(Wide(x[i][lane]) - solution)) / Double(n))
          error = max(error, abs(Double(Wide(product[i][lane]) - solution)) / Double(n))
        }
        #expect(error <= bound, "\(Scalar.self), lane \(lane): \(error / bound) of the bound")
      }
    }
    check(Float.self, Double.self)
    #if arch(x86_64)
      check(Double.self, Float80.self)
    #endif
  }

  /// A matrix that is not positive definite is told, and its neighbours have the same bits as without it.
  @Test func lanesAreIndependent() {
    let n = 9
    let small = SmallMatrices<Double>(order: n)
    var matrices = matrices(n, λ: 0.1, of: Double.self)
    var expected = triangles(matrices, order: n)
    _ = small.factor(&expected)
    small.invertFactored(&expected)
    for (place, bad) in [(0, -1.0), (4, .nan), (8, .infinity), (3, 0)] {
      matrices[5] = (0..<(n * n)).map { $0 / n == $0 % n ? 1 : 0 }
      matrices[5][place * n + place] = bad
      var l = triangles(matrices, order: n)
      let isPositive = small.factor(&l)
      small.invertFactored(&l)
      for lane in 0..<8 {
        #expect(isPositive[lane] == (lane == 5 ? 0 : 1))
        if lane != 5 { #expect(zip(l, expected).allSatisfy { $0[lane] == $1[lane] }) }
      }
    }
  }

  @Test func averages() {
    let n = 5
    let small = SmallMatrices<Double>(order: n)
    let x = (0..<n).map { i in SIMD8<Double>((0..<8).map { Double(i * 8 + $0) - 17 }) }
    var a = [SIMD8<Double>](repeating: .init(repeating: 2), count: small.laneCount)
    small.average(&a, toward: x, weight: 0.25)
    for i in 0..<n {
      for j in 0...i { #expect(a[i * (i + 1) / 2 + j] == 1.5 + 0.25 * x[i] * x[j]) }
    }
  }

  /// Each matrix gets as much more damping as it needs itself; NaN stays in its matrix.
  @Test(arguments: [1, 9, 25]) func dampedInverses(n: Int) {
    let small = SmallMatrices<Double>(order: n)
    let x = randomMatrix(n, 1, seed: 8)
    let scales = [1, 1e-200, 1e20, 0x1p400, 0, .nan, 1e-3, .infinity]
    let f = scales.map { scale in (0..<(n * n)).map { scale * x[$0 / n] * (scale * x[$0 % n]) } }
    var inverse = [SIMD8<Double>](repeating: .zero, count: small.laneCount)
    small.invert(triangles(f, order: n), damping: 1e-3, limit: 0x1p500, into: &inverse)
    for (lane, scale) in scales.enumerated() {
      guard scale.isFinite else {
        #expect(inverse.allSatisfy { $0[lane].isNaN })
        continue
      }
      var alone = f[lane]
      DampedInverse.compute(f[lane], order: n, damping: 1e-3, limit: 0x1p500, into: &alone, threads: 1)
      for i in 0..<n {
        for j in 0...i {
          let element = inverse[i * (i + 1) / 2 + j][lane]
          #expect(element.isFinite)
          if scale <= 1 { #expect(abs(element - alone[i * n + j]) <= 1e-9 * 1000) }
        }
        #expect(inverse[i * (i + 1) / 2 + i][lane] > 0)
      }
    }
  }
}
