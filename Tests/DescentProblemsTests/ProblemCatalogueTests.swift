import Descent
import DescentProblems
import Testing

@Suite struct ProblemCatalogueTests {
  @Test func everyProblemCanBeMadeAndSaysWhatItIs() throws {
    let names = ProblemCatalogue.problems.map { $0.name }
    #expect(Set(names).count == names.count)
    #expect(Set(variants.map(\.name)) == Set(names))
    for type in ProblemCatalogue.problems {
      #expect(type.name.allSatisfy { $0.isLowercase && $0.isASCII })
      #expect(!type.summary.isEmpty && !type.source.isEmpty)
      // The options accept their own defaults.
      let standard = Dictionary(uniqueKeysWithValues: type.options.map { ($0.name, $0.standard) })
      let problem = try ProblemCatalogue.problem(named: type.name, options: standard)
      let point = randomPoint(of: problem, 0)
      let plain = try ProblemCatalogue.problem(named: type.name).evaluate(at: point)
      #expect(problem.evaluate(at: point).gradient == plain.gradient)
    }
  }

  @Test(
    arguments: [
      ("rosenbrok", [:], "'rosenbrock'"),
      ("quadratic", ["dimensions": "3"], "dimensions"),
      ("quadratic", ["dimension": "0"], "1...1000"),
      ("quadratic", ["dimension": "many"], "many"),
      ("quadratic", ["condition": "0.5"], "condition"),
      ("quadratic", ["condition": "nan"], "condition"),
      ("quadratic", ["largest": "inf"], "largest"),
      ("quadratic", ["spectrum": "flat"], "geometric, linear, two"),
      ("rosenbrock", ["dimension": "5", "form": "pairs"], "even"),
      ("leastsquares", ["rank": "11"], "at most"),
      ("diffgradfunction", ["function": "4"], "1...3"),
      ("beale", ["x": "1"], "there are none"),
      ("logisticregression", ["data": "a9a"], "data"),
      ("reddistochastic", ["probability": "1.5"], "probability"),
    ] as [(String, [String: String], String)])
  func refusesWhatItCannotMake(_ name: String, _ options: [String: String], _ part: String) {
    let error = #expect(throws: ProblemError.self) { try ProblemCatalogue.problem(named: name, options: options) }
    #expect(error?.description.contains(part) == true, "\(error?.description ?? "nothing")")
  }

  @Test func logisticRegressionTakesRowsFromItsSource() throws {
    let rows = try SparseRows(rowStarts: [0, 1, 3], columns: [0, 0, 2], values: [1, 2, -1], columnCount: 3)
    func problem(_ labels: [Int32]) throws -> any Problem {
      try ProblemCatalogue.problem(
        named: "logisticregression", options: ["data": "mine", "lambda": "0.5"]
      ) { name throws(ProblemError) in
        #expect(name == "mine")
        return LabeledRows(rows: rows, labels: labels)
      }
    }
    // Two terms by hand, at (0, 0, 0): log 2 each, with the gradient −½ y a.
    let f = try problem([1, 0]).evaluate(at: [0, 0, 0])
    #expect(abs(f.value - 0.6931471805599453) < 1e-15)
    #expect(f.gradient == [(-0.5 + 1) / 2, 0, -0.25])
    // So far out that the exponential overflows: the losses are 1000 and 0, ½ λ ‖x‖² is 250,000.
    let far = try problem([0, 0]).evaluate(at: [1000, 0, 3000])
    #expect(far.value == (1000 + 0) / 2 + 0.25 * 1e7 && far.gradient.allSatisfy(\.isFinite))
    #expect(throws: ProblemError.self) { try problem([1]) }
    #expect(throws: ProblemError.self) { try problem([1, 2]) }
  }
}
