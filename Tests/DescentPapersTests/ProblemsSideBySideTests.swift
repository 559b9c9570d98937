import DescentProblems
import Testing

@testable import DescentLab
@testable import DescentPapers

@Suite struct ProblemsSideBySideTests {
  /// RMSProp on C x once in C steps, else −x: v's fixed point over a period gives the decay at which the drift turns.
  @Test(arguments: [(3, 0.4723), (4, 0.7006), (5, 0.8107), (8, 0.9290), (10, 0.9554)])
  func driftTurnsAtTheCriticalDecay(_ c: Int, _ critical: Double) throws {
    func falls(_ decay: Double) throws -> Bool {
      var x: [Double] = []
      let problem = ProblemsSideBySide([ReddiOnline(period: c, c: Double(c), d: 1)], isBounded: false)
      let end = try problem.follow("rmsprop:lr=0.001,rho=\(decay),epsilon=0", steps: 100 * c) { _, point, _ in
        x.append(point[0])
      }
      return end[0] < x[x.count - 10 * c]
    }
    #expect(try !falls(critical - 0.002))
    #expect(try falls(critical + 0.002))
  }

  @Test func everyProblemIsAlone() throws {
    func path(_ problems: [any Problem]) throws -> [[Double]] {
      var points: [[Double]] = []
      let end = try ProblemsSideBySide(problems).follow("adam:lr=0.1,beta2=0.9", steps: 60) { _, x, _ in
        points.append(Array(x))
      }
      return points + [end]
    }
    let problems: [any Problem] = [
      ReddiStochastic(probability: 0.2, c: 5, d: 1), ReddiOnline(period: 4, c: 4, d: 1), SparseOnline(period: 5),
    ]
    let together = try path(problems)
    #expect(together.count == 61)
    #expect(try path([problems[0]]).map { $0[0] } == together.map { $0[0] })
    // The steps reach a bound in both problems: −1 and 0.
    #expect(together.allSatisfy { -1...1 ~= $0[0] && -1...1 ~= $0[1] && 0...1 ~= $0[2] })
    #expect(together.contains { $0[2] == 0 })
  }

  @Test func slopesAreTheProblems() throws {
    var slopes: [Double] = []
    try ProblemsSideBySide([ReddiOnline(period: 3, c: 7, d: 2)]).follow("sgd:lr=0.1", steps: 6) { _, _, g in
      slopes.append(g[0])
    }
    #expect(slopes == [7, -2, -2, 7, -2, -2])
  }
}
