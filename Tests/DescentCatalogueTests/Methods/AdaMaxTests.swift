import Descent
import RealModule
import TestSupport
import Testing

@Suite struct AdaMaxTests: MethodTests {
  static func cases<T: ReferenceScalar>() -> [MethodCase<T>] {
    [
      MethodCase("adamax", equations: Reference.adaMax(α: w(2e-3), β1: w(0.9), β2: w(0.999))),
      MethodCase(
        "adamax",
        ["lr": "0.01", "beta1": "0.8", "beta2": "0.99", "epsilon": "1e-8", "denominatorEpsilon": "1e-7"],
        equations: Reference.adaMax(α: w(0.01), β1: w(0.8), β2: w(0.99), ε: w(1e-8), εDenominator: w(1e-7))),
    ]
  }

  @Test func firstSteps() throws { try expectFirstStep(of: AdaMax(), 1, α: 2e-3) }

  /// Adam, section 7.1: |Δ| ≤ α for AdaMax. A gradient that falls by β₂ a step exceeds it, up to
  /// α (1 − β₁) / (1 − β₁ / β₂): 0.9 % for the defaults.
  @Test func stepsAreAtMostα() throws {
    for sequence in GradientSequence.allCases {
      let path = try trajectory(
        of: AdaMax<Double>(learningRate: 1), gradients: sequence.gradients(), from: 0, returning: true)
      #expect(path.joined().map(abs).max()! <= 1 + 1e-12, "\(sequence)")
    }
    let falling = try steps(of: AdaMax(learningRate: 1), (0..<300).map { Double.pow(0.999, Double($0)) })
    let limit = 0.1 / (1 - 0.9 / 0.999)
    let reached = abs(falling.last!)
    #expect(abs(reached - limit) < 1e-9)
  }

  /// Section 7.1: u is the limit of the p-norm (1 − β₂ᵖ)^(1/p) (Σ β₂^(p (t − i)) |gᵢ|ᵖ)^(1/p).
  @Test func isTheLimitOfThePNorm() throws {
    let gradients = GradientSequence.noisy.gradients(Double.self, steps: 60)
    var optimizer = try Optimizer(AdaMax<Double>(beta2: 0.9), for: try ParameterVector(gradients[0]))
    var θ = try ParameterVector(gradients[0])
    for gradient in gradients { try optimizer.step(&θ, gradient: try ParameterVector(gradient)) }
    let u = try optimizer.slot("adamax/u").values
    for i in 0..<GradientSequence.elements {
      func norm(_ p: Double) -> Double {
        let sum = gradients.enumerated().reduce(0) { sum, element in
          sum + Double.pow(Double.pow(0.9, Double(59 - element.offset)) * abs(element.element[i]), p)
        }
        return Double.pow(1 - Double.pow(0.9, p), 1 / p) * Double.pow(sum, 1 / p)
      }
      #expect(abs(norm(400) / u[i] - 1) < 0.01)
      #expect(abs(norm(400) - u[i]) <= abs(norm(40) - u[i]) + 1e-12)
    }
  }
}

extension Reference {
  static func adaMax<T: Real & Sendable>(α: T, β1: T, β2: T, ε: T = 0, εDenominator: T = 0) -> Path<T> {
    { gradients, θ0 in
      var (m, u): (T, T) = (0, 0)
      return path(gradients, θ0) { t, g, θ in
        m = β1 * m + (1 - β1) * g
        u = max(β2 * u, abs(g) + ε)
        θ -= ratio(α / (1 - T.pow(β1, t)) * m, u + εDenominator)
      }
    }
  }
}
