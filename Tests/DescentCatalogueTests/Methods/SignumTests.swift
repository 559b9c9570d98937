import Descent
import Testing

@Suite struct SignumTests: MethodTests {
  static func cases<T: ReferenceScalar>() -> [MethodCase<T>] {
    [
      MethodCase("signum", equations: Reference.signum(α: { _ in w(1e-4) }, β: w(0.9))),
      MethodCase(
        "signum", ["lr": cosine, "beta": "0.6", "zeroSign": "positive"], dependsOnθ: true,
        equations: Reference.signum(α: cosineAt, β: w(0.6), ofZero: 1)),
    ]
  }

  @Test func firstSteps() throws { try expectFirstStep(of: Signum(), 1, α: 1e-4) }

  @Test func zeroSigns() throws {
    #expect(try path(Signum(learningRate: 1, zeroSign: .positive), [0, 2, 0], from: 5) == [4, 3, 2])
  }
}
