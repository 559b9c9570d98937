import Descent
import Testing

@testable import DescentNetworks

@Suite struct WhiteningTests {
  /// W (Σ + ε I) W = I, with Σ in Double; W is symmetric; whitened examples have mean 0.
  @Test(arguments: [(3, 50, 1e-3), (20, 400, 0.1), (33, 20, 1e-2)])
  func decorrelates(_ d: Int, _ count: Int, _ ε: Double) throws {
    var stream = RandomStream(seed: 3, name: "examples")
    // Correlated examples: each is a random walk.
    var examples: [Float] = []
    for _ in 0..<count {
      var x = 0.5
      for _ in 0..<d {
        x += stream.normal()
        examples.append(Float(x))
      }
    }
    let engine = Engine(threadCount: 1)
    let whitening = try Whitening(of: examples, dimension: d, epsilon: ε, engine: engine)
    let w = whitening.matrix.map(Double.init)
    let mean = (0..<d).map { j in (0..<count).reduce(0.0) { $0 + Double(examples[$1 * d + j]) } / Double(count) }
    func covariance(_ i: Int, _ j: Int) -> Double {
      (0..<count).reduce(0.0) {
        $0 + (Double(examples[$1 * d + i]) - mean[i]) * (Double(examples[$1 * d + j]) - mean[j])
      } / Double(count) + (i == j ? ε : 0)
    }
    let a = (0..<d).map { i in (0..<d).map { j in covariance(i, j) } }
    func multiply(_ x: [[Double]], _ y: [[Double]]) -> [[Double]] {
      x.map { row in (0..<d).map { j in (0..<d).reduce(0.0) { $0 + row[$1] * y[$1][j] } } }
    }
    let rows = (0..<d).map { i in Array(w[i * d..<(i + 1) * d]) }
    let identity = multiply(multiply(rows, a), rows)
    for i in 0..<d {
      for j in 0..<d {
        #expect(abs(identity[i][j] - (i == j ? 1 : 0)) < 2e-2, "\(i), \(j)")
        #expect(abs(rows[i][j] - rows[j][i]) < 1e-3 * abs(rows[i][i]) + 1e-3)
      }
    }
    let white = try whitening(examples, engine: engine)
    for j in 0..<d {
      let mean = (0..<count).reduce(0.0) { $0 + Double(white[$1 * d + j]) } / Double(count)
      #expect(abs(mean) < 1e-4 / ε.squareRoot())
    }
  }

  /// 300,000 pixels have 90 thousand million covariances.
  @Test func matricesLargerThanTheMemoryAreRefused() throws {
    let error = #expect(throws: NetworkError.self) {
      try Whitening(
        of: [Float](repeating: 0, count: 600_000), dimension: 300_000, epsilon: 0.1, engine: Engine(threadCount: 1))
    }
    #expect(error?.description.contains("1.8 TB of memory are needed") == true)
  }
}
