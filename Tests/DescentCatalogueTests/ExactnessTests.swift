import Descent
import DescentCatalogue
import Foundation
import TestSupport
import Testing

/// Each method and option against an evaluation of its equations in a wider type, after each of 200 steps of five kinds of
/// gradient sequence. The curvature that some methods divide by is assigned; when and which an objective is asked for is in
/// `DiagonalCurvatureTests`.
@Suite struct ExactnessTests {
  @Test(arguments: Catalogue.methods.map(\.name))
  func float(method: String) throws { try expectAllExact(Float.self, method) }

  #if arch(x86_64) || arch(i386)
    @Test(arguments: Catalogue.methods.map(\.name))
    func double(method: String) throws { try expectAllExact(Double.self, method) }
  #endif

  private func expectAllExact<Scalar: CheckedScalar>(_: Scalar.Type, _ method: String) throws {
    let cases = try allCases(Scalar.Wider.self).filter {
      try Catalogue.method(named: $0.method, settings: $0.options).method.name == method
    }
    var worst = 0.0
    for scenario in cases { worst = max(worst, try expectExact(scenario, Scalar.self)) }
    if ProcessInfo.processInfo.environment["DESCENT_PRINT_ULPS"] != nil {
      print("ULPs", Scalar.self, method, worst)
    }
  }

  @Test func everyOptionOfEveryMethodIsReached() throws {
    var reached: [String: Set<String>] = [:]
    for scenario in allCases(Double.self) {
      let (method, settings) = try Catalogue.method(named: scenario.method, settings: scenario.options)
      reached[method.name, default: []].formUnion(settings.map { $0.name.lowercased() })
    }
    for method in Catalogue.methods {
      let options = try #require(reached[method.name], "\(method.name) has no case")
      for option in method.options {
        let names = ["learningrate": ["learningrate", "lr"], "epsilon": ["epsilon", "eps"]]
        let lower = option.name.lowercased()
        #expect(
          !options.isDisjoint(with: names[lower] ?? [lower]), "no case of \(method.name) sets \(option.name)")
      }
    }
  }
}
