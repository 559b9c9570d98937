import Descent
import Testing

@Suite struct BeckerLeCunTests: MethodTests {
  static func cases<T: ReferenceScalar>() -> [MethodCase<T>] {
    [
      MethodCase("beckerlecun", equations: Reference.sgd { _ in 1 / w(1.02) }),
      MethodCase(
        "beckerlecun", ["lr": cosine, "mu": "1", "curvatureInterval": "3", "curvatureForm": "full"],
        equations: Reference.sgd { cosineAt($0) / 2 }),
    ]
  }

  @Test func firstSteps() throws { try expectFirstStep(of: BeckerLeCun(), 2 / 1.02, α: 1) }

  @Test func reachesTheMinimumOfAQuadraticInOneStep() throws {
    try expectNewtonStep(of: BeckerLeCun(mu: 0), curvature: "beckerlecun/h")
  }
}
