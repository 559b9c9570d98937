import Descent
import Testing

@Suite struct SGDTests: MethodTests {
  static func cases<T: ReferenceScalar>() -> [MethodCase<T>] {
    [
      MethodCase("sgd", ["lr": "0.1"], equations: Reference.sgd { _ in w(0.1) }),
      MethodCase("sgd", ["lr": cosine], equations: Reference.sgd(α: cosineAt)),
    ]
  }

  @Test func firstSteps() throws { try expectFirstStep(of: SGD(learningRate: 0.1), 2, within: 0) }
}
