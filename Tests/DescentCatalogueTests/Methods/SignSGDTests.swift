import Descent
import Testing

@Suite struct SignSGDTests: MethodTests {
  static func cases<T: ReferenceScalar>() -> [MethodCase<T>] {
    [
      MethodCase("signsgd", ["lr": cosine], equations: Reference.signum(α: cosineAt, β: 0)),
      MethodCase(
        "signsgd", ["zeroSign": "positive"], dependsOnθ: true,
        equations: Reference.signum(α: { _ in w(1e-4) }, β: 0, ofZero: 1)),
    ]
  }

  @Test func firstSteps() throws { try expectFirstStep(of: SignSGD(), 1, α: 1e-4) }

  @Test func zeroSigns() throws {
    #expect(try path(SignSGD(learningRate: 1), [0, -0.0, 3, 0], from: 5) == [5, 5, 4, 4])
    #expect(try path(SignSGD(learningRate: 1, zeroSign: .positive), [0, -0.0, -3, 0], from: 5) == [4, 3, 4, 3])
    #expect(try path(SignSGD(), [.infinity])[0].isNaN)
  }
}
