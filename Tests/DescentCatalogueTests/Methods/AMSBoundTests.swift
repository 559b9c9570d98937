import Descent
import Testing

@Suite struct AMSBoundTests: MethodTests {
  static func cases<T: ReferenceScalar>() -> [MethodCase<T>] {
    [
      MethodCase(
        "amsbound", ["lr": "warmup(20, 0.001)", "gamma": "0.1"],
        equations: Reference.adaBound(
          .changed {
            $0 = .warmUp; $0.maximum = true
          })),
      MethodCase("amsbound", equations: Reference.adaBound(.changed { $0.maximum = true })),
      MethodCase(
        "amsbound",
        [
          "lr": cosine, "finalRate": "0.01", "gamma": "0.02", "beta1": "0.8", "beta2": "0.99", "epsilon": "1e-8",
          "biasCorrection": "true",
        ],
        equations: Reference.adaBound(
          .changed {
            $0 = .init(
              α: cosineAt, f: w(0.01), γ: w(0.02), β1: w(0.8), β2: w(0.99), ε: w(1e-8), corrects: true, maximum: true)
          })),
    ]
  }

  @Test func firstSteps() throws { try expectFirstStep(of: AMSBound(), 0.1 / 0.001.squareRoot(), α: 1e-3) }
}
