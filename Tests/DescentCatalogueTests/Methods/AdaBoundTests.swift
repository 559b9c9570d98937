import Descent
import RealModule
import Testing

@Suite struct AdaBoundTests: MethodTests {
  static func cases<T: ReferenceScalar>() -> [MethodCase<T>] {
    [
      MethodCase(
        "adabound", equations: Reference.adaBound(.changed())),
      MethodCase(
        "adabound", ["lr": "inversesqrt(0.001)"],
        equations: Reference.adaBound(.changed { $0.α = { w(1e-3) / T.sqrt(T($0)) } })),
      MethodCase(
        "adabound",
        [
          "lr": cosine, "finalRate": "0.01", "gamma": "0.02", "beta1": "0.8", "beta2": "0.99", "epsilon": "1e-8",
          "biasCorrection": "true",
        ],
        equations: Reference.adaBound(
          .changed {
            $0 = .init(α: cosineAt, f: w(0.01), γ: w(0.02), β1: w(0.8), β2: w(0.99), ε: w(1e-8), corrects: true)
          })),
      MethodCase("adabound", ["lr": "warmup(20, 0.001)", "gamma": "0.1"], equations: Reference.adaBound(.warmUp)),
    ]
  }

  @Test func firstSteps() throws { try expectFirstStep(of: AdaBound(), 0.1 / 0.001.squareRoot(), α: 1e-3) }

  /// The bounds close in on f: in the end AdaBound is momentum with that step size.
  @Test func boundsCloseIn() throws {
    let bounded = try path(AdaBound(finalRate: 0.05, gamma: 1e6), noisyGradients)
    let momentum = try path(Momentum(learningRate: 0.005, momentum: 0.9), noisyGradients)
    for (a, b) in zip(bounded, momentum) { #expect(abs(a - b) < 1e-6) }
  }
}
