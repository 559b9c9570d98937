import Descent
import DescentCatalogue
import TestSupport
import Testing

/// Weight decay or Lookahead composed with a method shrinks or holds back θ as documented, or is refused with a reason.
@Suite struct MovingTests {
  private static let names = Catalogue.methods.map(\.name)
  private static let λ = 0.1
  private static let α = 0.01

  /// θ after each step with the gradients of `gradient`; θ has one element, which starts at 2.
  private func path(
    _ name: String, _ settings: [(name: String, value: String)], _ composition: Method.Composition, steps: Int,
    gradient: (Int) -> Double
  ) throws -> [Double] {
    let method = try Catalogue.method(named: name).method
    var settings = settings
    if !settings.contains(where: { $0.name == "learningRate" }) { settings.append(("learningRate", "\(Self.α)")) }
    let configured = try method.configured(settings, with: composition)
    return try configured.trajectory((1...steps).map { [[gradient($0)]] }, from: ParameterVector([2.0])).map {
      $0[0][0]
    }
  }

  private func isRefusal(_ error: any Error, of option: String) -> Bool {
    guard case .invalidOption(_, option, let problem)? = error as? RuleError else { return false }
    return problem.contains("θ")
  }

  /// A thousand gradients that cancel: only the decay is left, which leaves (1 − α λ)¹⁰⁰⁰ of θ.
  @Test(arguments: names) func decayShrinks(_ name: String) throws {
    let method = try Catalogue.method(named: name).method
    let composition = Method.Composition(decay: Self.λ)
    guard method.obstacleToMoving == nil else {
      #expect { _ = try method.configured(with: composition) } throws: { isRefusal($0, of: "weightDecay") }
      return
    }
    func run(_ composition: Method.Composition) throws -> Double {
      try path(name, [], composition, steps: 1000) { $0.isMultiple(of: 2) ? -1e-3 : 1e-3 }.last!
    }
    let (decayed, plain) = (try run(composition), try run(Method.Composition()))
    let share = name.hasPrefix("schedulefree") ? Self.scheduleFreeShare : Self.share
    #expect(abs(decayed - share * plain) < 0.05, "\(decayed), and \(plain) without, of which \(share) should be left")
  }

  /// The share of θ that a thousand decays leave.
  private static let share = (0..<1000).reduce(1.0) { product, _ in product * (1 - α * λ) }
  /// Schedule-Free's θ is y, which follows the mean x of the decaying points z.
  private static let scheduleFreeShare = {
    var (x, y, z) = (1.0, 1.0, 1.0)
    for t in 1...1000 {
      z -= α * λ * y
      x += (z - x) / Double(t)
      y = 0.1 * z + 0.9 * x
    }
    return y
  }()

  /// If a method has its own decay option, that shrinks θ too.
  @Test(arguments: names) func ownDecayShrinks(_ name: String) throws {
    let method = try Catalogue.method(named: name).method
    guard method.options.contains(where: { $0.name == "weightDecay" }) else { return }
    func run(_ decay: String) throws -> Double {
      try path(name, [("weightDecay", decay)], Method.Composition(), steps: 1000) {
        $0.isMultiple(of: 2) ? -1e-3 : 1e-3
      }
      .last!
    }
    // D-Adaptation multiplies its decay by its estimate of the distance, which is tiny here.
    let least = ["dadaptadam", "prodigy"].contains(name) ? 1e-9 : 0.1
    #expect(try run("0") - run("0.1") > least)
  }

  /// With slow weights that never move, θ is never far from where it began.
  @Test(arguments: names) func lookaheadHolds(_ name: String) throws {
    let method = try Catalogue.method(named: name).method
    let composition = Method.Composition(lookahead: .init(period: 5, rate: 0))
    guard method.obstacleToLookahead == nil else {
      #expect { _ = try method.configured(with: composition) } throws: { isRefusal($0, of: "lookahead") }
      return
    }
    let held = try path(name, [], composition, steps: 401) { _ in 1 }
    let free = try path(name, [], Method.Composition(), steps: 401) { _ in 1 }
    #expect(held[399] == 2)
    #expect(abs(held[400] - 2) < 0.05 * abs(free[400] - 2), "\(held[400]), and \(free[400]) without")
  }

  /// In the end, AdaBound's step is given by its bounds, f (1 − 1 / (γ t + 1)), whatever the warm-up was.
  @Test(arguments: ["adabound", "amsbound"]) func finalRateUnderASchedule(_ name: String) throws {
    for rate in ["0.001", "warmup(100,0.001)"] {
      let path = try path(name, [("gamma", "0.1"), ("learningRate", rate)], Method.Composition(), steps: 3000) { _ in 1
      }
      #expect(abs((path[2998] - path[2999]) - 0.1 * (1 - 1 / 301.0)) < 1e-9, "\(rate)")
    }
    let path = try path(name, [("learningRate", "piecewise(0,1:0.001)")], Method.Composition(), steps: 50) { _ in 1 }
    #expect(path[0] == 2 && path[1] < 2 && path[49] < path[1])
  }
}
