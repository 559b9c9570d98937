import Descent
import RealModule
import Testing

@Suite struct RpropTests: MethodTests {
  static func cases<T: ReferenceScalar>() -> [MethodCase<T>] {
    [
      MethodCase(
        "rprop",
        equations: Reference.rprop(
          α: { _ in w(0.01) }, increase: w(1.2), decrease: w(0.5), smallest: w(1e-6), largest: 50)),
      MethodCase(
        "rprop",
        ["lr": cosine, "increase": "1.1", "decrease": "0.6", "smallestStep": "0.001", "largestStep": "0.25"],
        equations: Reference.rprop(
          α: cosineAt, increase: w(1.1), decrease: w(0.6), smallest: w(0.001), largest: w(0.25))),
      MethodCase(
        "rprop", ["lr": "warmup(20, 0.01)"],
        equations: Reference.rprop(
          α: { w(0.01) * min(1, T($0) / 20) }, base: w(0.01), increase: w(1.2), decrease: w(0.5), smallest: w(1e-6),
          largest: 50)),
    ]
  }

  @Test func firstSteps() throws { try expectFirstStep(of: Rprop(), 1, α: 0.01) }

  @Test func resilientSteps() throws {
    // Grows, waits after the change of sign, goes back with half the step, grows again.
    let rule = Rprop<Double>(learningRate: 1, increase: 2, decrease: 0.5, smallestStep: 0.25, largestStep: 4)
    let θ = try path(rule, [1, 1, 1, 1, -9, -9, -9, 0, -9])
    #expect(zip(θ, [0] + θ).map { $0 - $1 } == [-1, -2, -4, -4, 0, 2, 4, 0, 4])
    // Gradients whose product underflows still agree in sign.
    #expect(try path(rule, [1e-300, 1e-300]) == [-1, -3])
  }
}

extension Reference {
  /// torch's Rprop, with the rate's schedule as a factor of the step: a share of its `base`, by default its first value.
  static func rprop<T: Real & Sendable>(
    α: @escaping @Sendable (Int) -> T, base: T? = nil, increase: T, decrease: T, smallest: T, largest: T
  ) -> Path<T> {
    { gradients, θ0 in
      let base = base ?? α(1)
      var Δ = base
      var previous: T = 0
      return path(gradients, θ0) { t, g, θ in
        let product = sign(g) * sign(previous)
        if product > 0 { Δ *= increase } else if product < 0 { Δ *= decrease }
        Δ = min(max(Δ, smallest), largest)
        previous = product < 0 ? 0 : g
        θ -= Δ * sign(previous) * α(t) / base
      }
    }
  }
}
