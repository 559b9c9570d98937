import Descent
import DescentCatalogue
import TestSupport
import Testing

/// Defects found in other libraries; each test shows that ours does not have one. Resuming, threads and positions are
/// also tested in `PropertyTests`, for every method with every option; other defects in `PeerTests`, `ZeroOrderTests`,
/// `EffectTests` and `ResumeTests`.
@Suite struct PeerDefectTests {
  private func configured(_ name: String, _ settings: KeyValuePairs<String, String> = [:]) throws -> ConfiguredMethod {
    let (method, settings) = try Catalogue.method(named: name, settings: settings.map { ($0.key, $0.value) })
    return try method.configured(settings)
  }

  /// θ of one element after each step.
  private func path(
    _ name: String, _ settings: KeyValuePairs<String, String> = [:], _ gradients: [Float], from start: Float = 0
  ) throws -> [Float] {
    try configured(name, settings).trajectory(gradients.map { [[$0]] }, from: ParameterVector([start])).map { $0[0][0] }
  }

  @Test("ACProp's surprise is that of the new mean") func acPropCentersWithTheNewMean() throws {
    // s₁ = (1 − β₂) (β₁ g₁)², so the second step is α g₂ / (β₁ |g₁|).
    let θ = try path("acprop", ["lr": "0.1", "form": "official", "eps": "0"], [2, 1])
    #expect(abs((θ[1] - θ[0]) + 0.1 / 0.9 / 2) < 1e-6)
  }

  @Test("AdaShift's kept gradients are each counted once, however many are kept", arguments: [1, 2, 10])
  func adaShiftStartsWhenItHasEnough(keep: Int) throws {
    var stream = RandomStream(seed: 1, name: "gradients")
    let θ = try path("adashift", ["keep": "\(keep)"], (0..<40).map { _ in Float(stream.normal()) })
    #expect(θ.allSatisfy { $0.isFinite })
    #expect(θ.firstIndex { $0 != 0 } == keep)
  }

  @Test("β₂ may be nearer to 1 than the parameters' precision can say") func β2IsNotRoundedToOne() throws {
    #expect(Float(0.999_999_999_9) == 1)
    let θ = try path("adam", ["lr": "0.1", "beta2": "0.9999999999"], [3, 3, 3])
    for (step, θ) in zip(1..., θ) { #expect(abs(θ + 0.1 * Float(step)) < 1e-6) }
  }

  @Test("A run that jumps to a step has the same bits as one that counted up to it") func corrections() throws {
    let method = try configured("adam", ["lr": "0.01", "beta1": "0.95", "beta2": "0.9999"])
    var stream = RandomStream(seed: 2, name: "gradients")
    let gradients = try (0..<2000).map { _ in try ParameterVector((0..<3).map { _ in Float(stream.normal()) }) }
    var straight = gradients[0]
    var resumed = straight
    var optimizer = try method.optimizer(for: straight)
    var other = try method.optimizer(for: resumed)
    for (i, gradient) in gradients.enumerated() {
      try optimizer.step(&straight, gradient: gradient)
      if i % 100 == 50 {
        let checkpoint = try other.checkpoint(resumed)
        other = try method.optimizer(for: resumed)
        try other.restore(checkpoint, into: &resumed)
      }
      try other.step(&resumed, gradient: gradient)
    }
    #expect(straight == resumed)
  }

  @Test(
    "A resume between two computations of the inverses goes on with those there were",
    arguments: ["shampoo", "soap"])
  func inversesAreSaved(method: String) throws {
    let method = try configured(method, ["preconditionEvery": "7"])
    let (start, gradients) = try model(.noisy, Float.self, steps: 20)
    let straight = try method.trajectory(gradients, from: start)
    var θ = start
    var g = start
    var optimizer = try method.optimizer(for: θ)
    for t in 0..<20 {
      if t % 3 == 2 {
        let checkpoint = try optimizer.checkpoint(θ)
        optimizer = try method.optimizer(for: start)
        try optimizer.restore(checkpoint, into: &θ)
      }
      for (block, values) in zip(θ.layout.blocks, gradients[t]) { try g.assign(values, to: block.name) }
      try optimizer.step(&θ, gradient: g)
    }
    #expect(θ.values.map(\.bits) == straight[19].flatMap { $0 }.map(\.bits))
  }

  @Test("What was accumulated but not stepped yet is saved") func transformsAreSaved() throws {
    let method = try configured("adam")
    let g = try ParameterVector([1, -2, 0.1] as [Float])
    var straight = g
    var resumed = g
    var optimizer = try method.optimizer(for: straight)
    optimizer.transforms = [Accumulate(3)]
    var other = try method.optimizer(for: resumed)
    other.transforms = [Accumulate(3)]
    for t in 1...7 {
      var gradient = g
      gradient.scale(by: Float(t))
      try optimizer.step(&straight, gradient: gradient)
      let checkpoint = try other.checkpoint(resumed)
      other = try method.optimizer(for: resumed)
      other.transforms = [Accumulate(3)]
      try other.restore(checkpoint, into: &resumed)
      try other.step(&resumed, gradient: gradient)
    }
    #expect(straight == resumed && straight != g)
  }

  @Test(
    "Reading an average and saving change no bit",
    arguments: ["schedulefreesgd", "schedulefreeadamw", "asgd", "adam"])
  func averagesAreReadOnly(method: String) throws {
    let average = method == "adam" ? Average.exponential(0.9) : nil
    let configured = try Catalogue.method(named: method).method.configured(with: .init(average: average))
    let gradients = GradientSequence.noisy.gradients(Float.self, steps: 30)
    let straight = try configured.trajectory(gradients.map { [$0] }, from: randomVector(37, seed: 1))
    var θ: ParameterVector<Float> = try randomVector(37, seed: 1)
    var optimizer = try configured.optimizer(for: θ)
    for (gradient, expected) in zip(gradients, straight) {
      try optimizer.step(&θ, gradient: ParameterVector(gradient))
      for _ in 0..<3 {
        let average = try #require(optimizer.average)
        #expect(average.values.allSatisfy { $0.isFinite })
        _ = try optimizer.checkpoint(θ)
      }
      #expect(θ.values.map(\.bits) == expected[0].map(\.bits))
    }
  }

  @Test("Schedule-Free divides by no β₁", arguments: [("schedulefreesgd", "beta"), ("schedulefreeadamw", "beta1")])
  func scheduleFreeWithoutMomentum(method: String, option: String) throws {
    let gradients = (1...20).map { Float($0 % 3) - 0.9 }
    let (method, settings) = try Catalogue.method(named: method, settings: [(option, "0")])
    let θ = try method.configured(settings).trajectory(gradients.map { [[$0]] }, from: ParameterVector([1 as Float]))
    #expect(θ.allSatisfy { $0[0][0].isFinite })
  }

  @Test("The step does not depend on the number of examples in a batch", arguments: [1, 32])
  func batchesDoNotDivideTheStep(batch: Int) throws {
    var optimizer = try configured("adam", ["lr": "0.001", "eps": "0"]).optimizer(for: ParameterVector([0 as Float]))
    optimizer.transforms = [Accumulate(batch)]
    var θ = try ParameterVector([0 as Float])
    for _ in 0..<batch { try optimizer.step(&θ, gradient: ParameterVector([0.5 as Float])) }
    #expect(abs(θ.values[0] + 0.001) < 1e-9)
  }

  @Test("ε is the denominator's, and says so") func epsilonIsAddedToTheRoot() throws {
    let θ = try path("adam", ["lr": "0.1", "eps": "3"], [2])
    #expect(abs(θ[0] + 0.1 * 2 / (2 + 3)) < 1e-7)
    let options = try Catalogue.method(named: "adam").method.options
    #expect(try #require(options.first { $0.name == "epsilon" }).summary.contains("added to the root"))
  }

  @Test("The last elements of a vector are stepped like the first") func everyPositionIsTheSame() throws {
    let method = try configured("adam", ["lr": "0.01"])
    for count in 1...40 {
      let gradients = (1...5).map { t in [[Float](repeating: 0.1 * Float(t), count: count)] }
      let θ = try method.trajectory(gradients, from: ParameterVector([Float](repeating: 0.3, count: count)))
      #expect(Set(θ[4][0]).count == 1)
    }
  }

  @Test("Steps are counted beyond what Float can count") func stepsAreIntegers() throws {
    let last = 1 << 24
    #expect(Float(last) == Float(last + 1))
    var θ = try ParameterVector([0] as [Float])
    // The rate falls after the last step that Float can count.
    let method = try configured("sgd", ["lr": "piecewise(1,\(last):0.5)"])
    var checkpoint = try method.optimizer(for: θ).checkpoint(θ)
    checkpoint.stepCount = last - 1
    var optimizer = try method.optimizer(for: θ)
    try optimizer.restore(checkpoint, into: &θ)
    let path = try (0..<3).map { _ in
      try optimizer.step(&θ, gradient: ParameterVector([1]))
      return θ.values[0]
    }
    #expect(path == [-1, -1.5, -2] && optimizer.stepCount == last + 2)
  }

  @Test("A state with something missing is refused by name") func nothingIsLoadedByHalves() throws {
    var θ = try ParameterVector([1, 2] as [Float])
    var optimizer = try configured("adam").optimizer(for: θ)
    try optimizer.step(&θ, gradient: θ)
    var checkpoint = try optimizer.checkpoint(θ)
    checkpoint.slots["adam/v"] = nil
    let before = θ
    do {
      try optimizer.restore(checkpoint, into: &θ)
      Issue.record("a checkpoint without adam/v was accepted")
    } catch { #expect("\(error)".contains("adam/v")) }
    #expect(θ == before)
  }

  @Test("The state can be read") func stateIsPublic() throws {
    var θ = try ParameterVector([0] as [Float])
    var optimizer = try configured("adam").optimizer(for: θ)
    try optimizer.step(&θ, gradient: ParameterVector([2]))
    let slots = try optimizer.checkpoint(θ).slots
    #expect(abs(try #require(slots["adam/m"]).values[0] - 0.2) < 1e-7)
    #expect(abs(try #require(slots["adam/v"]).values[0] - 0.004) < 1e-8)
  }

  @Test("An ε that the precision has no number for divides nothing by zero") func epsilonMayUnderflow() throws {
    #expect(Float(1e-8) > 0 && Float(1e-60) == 0)
    for method in ["adam", "adamw", "rmsprop", "adagrad", "adadelta"] {
      // The squares of the second gradient underflow too.
      let θ = try path(method, ["eps": "1e-60"], [0, 1e-30, 0, 1, 0])
      #expect(θ.allSatisfy { $0.isFinite } && θ[0] == 0, "\(method): \(θ)")
    }
  }

  @Test("The variance of a constant gradient is not negative", arguments: ["0.9", "0.99"])
  func centeredRMSPropIsNeverNaN(rho: String) throws {
    let g: ParameterVector<Float> = try randomVector(100, seed: 3)
    var θ = g
    var optimizer = try configured("centeredrmsprop", ["rho": rho, "eps": "1e-8", "epsilonRoot": "0"]).optimizer(for: θ)
    // The other libraries take the root of this number.
    let ρ = Float(rho)!
    var (mean, square, negatives) = (g, g, 0)
    mean.setToZero()
    square.setToZero()
    for _ in 1...2000 {
      try optimizer.step(&θ, gradient: g)
      mean.withUnsafeMutableElements { mean in
        square.withUnsafeMutableElements { square in
          g.withUnsafeElements { g in
            for i in g.indices {
              mean[i] = ρ * mean[i] + (1 - ρ) * g[i]
              square[i] = ρ * square[i] + (1 - ρ) * g[i] * g[i]
              if square[i] - mean[i] * mean[i] < 0 { negatives += 1 }
            }
          }
        }
      }
    }
    #expect(θ.values.allSatisfy { $0.isFinite })
    #expect(negatives > 0, "the sequence does not provoke it")
  }
}
