import Testing

@testable import Descent

@Suite struct SingleProductTests {
  /// |C − A B| ≤ (k + 2) u |A| |B| element by element, u half a unit of `Float`, at every scale that `Double` has room for; the
  /// transpose too, and with itself symmetric to the last bit.
  @Test(arguments: [(3, 5, 4), (64, 64, 64), (33, 100, 17)], [0x1p-400, 1e-30, 1, 1e30, 0x1p400])
  func isTheProductToFloatsPrecision(_ size: (Int, Int, Int), scale: Double) {
    let (n, k, m) = size
    let a = randomMatrix(n, k, seed: 1).map { scale * $0 }
    let b = randomMatrix(k, m, seed: 2)
    func check(_ x: MatrixView<Double>, _ y: MatrixView<Double>, part: ProductPart) {
      var c = [Double](repeating: 7, count: x.rows * y.columns)
      SingleProduct.multiply(x, y, into: &c, part: part, threads: 2)
      func element(_ v: MatrixView<Double>, _ i: Int, _ j: Int) -> Double {
        v.elements[i * v.rowStride + j * v.columnStride]
      }
      for i in 0..<x.rows {
        for j in 0..<y.columns {
          var (exact, size) = (0.0, 0.0)
          for p in 0..<x.columns {
            exact += element(x, i, p) * element(y, p, j)
            size += abs(element(x, i, p) * element(y, p, j))
          }
          #expect(abs(c[i * y.columns + j] - exact) <= Double(x.columns + 2) * 0x1p-24 * size)
          if part == .symmetric { #expect(c[i * y.columns + j] == c[j * y.columns + i]) }
        }
      }
    }
    a.withUnsafeBufferPointer { a in
      b.withUnsafeBufferPointer { b in
        let (x, y) = (
          MatrixView(a.baseAddress!, rows: n, columns: k), MatrixView(b.baseAddress!, rows: k, columns: m)
        )
        check(x, y, part: .whole)
        check(y.transposed, x.transposed, part: .whole)
        check(x.transposed, x, part: .symmetric)
      }
    }
  }

  /// Zeros give zeros; what is not finite is not hidden.
  @Test func extremes() {
    for (value, isFinite) in [(0.0, true), (.leastNonzeroMagnitude, true), (.infinity, false), (.nan, false)] {
      let x = [Double](repeating: value, count: 4)
      var c = [Double](repeating: 7, count: 4)
      x.withUnsafeBufferPointer { x in
        let x = MatrixView(x.baseAddress!, rows: 2, columns: 2)
        SingleProduct.multiply(x, x, into: &c, threads: 1)
      }
      #expect(isFinite ? c.allSatisfy { $0 == 0 } : c.allSatisfy { !$0.isFinite })
    }
  }
}
