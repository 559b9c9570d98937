import DescentCatalogue
import Testing

@testable import DescentLab

@Suite struct MethodExplanationTests {
  @Test("Every element-wise method can be explained", arguments: Catalogue.methods)
  func isExplained(method: Method) throws {
    guard method.kind == .element else {
      let message = "\(#expect(throws: MethodError.self) { _ = try Explanation(method.name) }.map { "\($0)" } ?? "")"
      #expect(message.hasPrefix("\(method.name) is no element-wise method: "))
      return
    }
    for precision in Precision.allCases {
      let explanation = try Explanation(method.name, precision: precision)
      #expect(explanation.update.phases.allSatisfy { $0.equations.contains { $0.hasPrefix("θ′ = ") } })
      #expect(explanation.update.stateBytes == Int(method.stateBytesPerParameter) * (precision == .float ? 1 : 2))
      let text = explanation.text(bandwidth: 10, source: "given")
      #expect(text.hasPrefix("\(method.name): \(method.summary) (\(method.paper))\n"))
      #expect(text.contains("GB/s (given)."))
    }
  }

  @Test func optionsAndCompositionsAreInIt() throws {
    let text = try Explanation("adam:penalty=0.1,clip=1", average: "0.9", weightDecay: 0.01).text()
    for part in ["clip(g, ±bound)", "λ·θ", "average′ = ", "learningRate = 0.001", "penalty = 0.1"] {
      #expect(text.contains(part), "\(part)")
    }
    #expect(try Explanation("adam:penalty=0.1,clip=1,weightDecay=0.01,average=0.9").text() == text)
    let bytes = try Explanation("sgd", precision: .double).bytes
    #expect(bytes == 24)
    #expect(throws: RunError.self) { _ = try Explanation("adam", step: 0) }
  }
}
