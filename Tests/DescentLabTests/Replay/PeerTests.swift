import Descent
import DescentCatalogue
import Foundation
import Testing

@testable import DescentLab

/// Methods against torch and optax, in float64, after the steps that the fixture holds: `Scripts/peer-trajectories.py`
/// says how it was made.
@Suite struct PeerTests {
  /// The fixture: θ₀, the gradients and each peer's points.
  struct Fixture {
    let steps: [Int]
    let initial: ParameterVector<Double>
    let gradients: [ParameterVector<Double>]
    /// Names of the peers.
    let names: Set<String>
    /// The expression that made each peer.
    let expressions: [String: String]
    private let path = URL(filePath: #filePath).deletingLastPathComponent()
      .appending(path: "../Fixtures/peers.safetensors").path(percentEncoded: false)

    init() throws {
      let file = try Safetensors(path: path)
      steps = try #require(file.metadata["steps"]).split(separator: ",").map { try #require(Int($0)) }
      initial = try Self.vector(try file.values(of: "initial")[...])
      let count = initial.layout.parameterCount
      let gradients = try file.values(of: "gradients", as: Double.self)
      self.gradients = try stride(from: 0, to: gradients.count, by: count).map {
        try Self.vector(gradients[$0..<$0 + count])
      }
      names = Set(file.names).subtracting(["initial", "gradients"])
      expressions = file.metadata
    }

    /// The peer's point after each of ``steps``.
    func path(of name: String) throws -> [[Double]] {
      let values = try Safetensors(path: path).values(of: name, as: Double.self)
      let count = values.count / steps.count
      return steps.indices.map { Array(values[$0 * count..<($0 + 1) * count]) }
    }

    private static func vector(_ values: ArraySlice<Double>) throws -> ParameterVector<Double> {
      var vector = ParameterVector<Double>(zeros: try ParameterLayout([("weight", [5, 7]), ("bias", [11])]))
      try vector.assign(Array(values.prefix(35)), to: "weight")
      try vector.assign(Array(values.dropFirst(35)), to: "bias")
      return vector
    }
  }

  private let fixture: Fixture

  init() throws { fixture = try Fixture() }

  /// The method's point after each of the fixture's steps: θ, or the average it evaluates at.
  private func path(of peer: Peer) throws -> [[Double]] {
    let initial = declaring(fixture.initial, peer.axes)
    let spec = try OptionSpec(parsing: peer.spec)
    let (method, settings) = try Catalogue.method(
      named: spec.name, settings: spec.options.map { (Names.full($0.key), $0.value) })
    let configured = try method.configured(settings, steps: fixture.gradients.count, with: peer.composition)
    var optimizer = try configured.optimizer(for: initial)
    optimizer.transforms = peer.transforms.map {
      switch $0 {
      case .clip(let norm): ClipByGlobalNorm(norm)
      case .accumulate(let count): Accumulate(count)
      case .centralize: GradientCentralization()
      case .adaptiveClip(let bound): AdaptiveGradientClipping(bound)
      }
    }
    return try path(of: optimizer, from: initial, isEvaluated: peer.name.hasSuffix(".evaluated"))
  }

  /// The vector with a layout that declares what the peer takes as inputs and outputs.
  private func declaring(_ vector: ParameterVector<Double>, _ axes: ParameterAxes) -> ParameterVector<Double> {
    guard let layout = try? ParameterLayout(vector.layout.blocks.map { ($0.name, $0.shape) }, axes: axes),
      let declared = try? vector.rearranged(to: layout)
    else { return vector }
    return declared
  }

  private func path(
    of optimizer: AnyOptimizer<Double>, from initial: ParameterVector<Double>, isEvaluated: Bool = false
  ) throws -> [[Double]] {
    var optimizer = optimizer
    var θ = initial
    var path: [[Double]] = []
    for (i, gradient) in fixture.gradients.enumerated() {
      try optimizer.step(&θ, gradient: gradient.rearranged(to: θ.layout))
      guard fixture.steps.contains(i + 1) else { continue }
      path.append(isEvaluated ? try #require(optimizer.average).values : θ.values)
    }
    return path
  }

  /// The largest difference between two paths, as a share of the distance that an element has moved. θ's rounding, one
  /// unit in the last place for each step, is subtracted first.
  private func difference(_ path: [[Double]], _ expected: [[Double]]) -> Double {
    let start = fixture.initial.values
    var way = start.map { _ in 0.0 }
    var largest = 0.0
    for (step, (values, others)) in zip(fixture.steps, zip(path, expected)) {
      for i in start.indices {
        way[i] = max(way[i], abs(others[i] - start[i]))
        let rounding = Double(step) * max(abs(others[i]), abs(start[i])).ulp
        let excess = abs(values[i] - others[i]) - rounding
        // Not `max`, which drops NaN.
        if !(excess <= largest * way[i]) { largest = way[i] > 0 || excess.isNaN ? excess / way[i] : .infinity }
      }
    }
    return largest
  }

  @Test(arguments: Peer.same) func thePeerHasTheSameNumbers(_ peer: Peer) throws {
    let difference = try difference(path(of: peer), fixture.path(of: peer.name))
    #expect(difference <= peer.tolerance)
  }

  /// The comparison notices differences.
  @Test func aDifferenceIsSeen() throws {
    let adam = try fixture.path(of: "torch-adam")
    for other in ["torch-adam-options", "torch-adamw", "torch-nadam", "optax-adam-root"] {
      #expect(try difference(adam, fixture.path(of: other)) > 1e-6, "\(other)")
    }
    #expect(try difference(path(of: Peer("torch-adam", "adam:lr=0.02,eps=1.01e-8")), adam) > 1e-12)
  }

  /// Without a declaration, we take other extents as inputs and outputs than the peer does; the comparison notices.
  @Test(arguments: Peer.same.filter { $0.axes != .outputsLast })
  func aPeerWithOtherOutputsIsNotTheSameUndeclared(_ peer: Peer) throws {
    let difference = try difference(path(of: peer.declaring(.outputsLast)), fixture.path(of: peer.name))
    #expect(difference > 0.01)
  }

  /// Without a declaration, the weight [5, 7] has 5 inputs and 7 outputs, for optax as for us. The first step of
  /// optax's Muon, before its corrections differ from ours, is √(7 ÷ 5) times the step for 7 inputs and 5 outputs.
  @Test func muonsFirstStepIsOptaxs() throws {
    let ours = Peer("optax-muon", "muon:lr=0.02,eps=1e-8")
    let (first, theirs) = try (path(of: ours)[0], fixture.path(of: "optax-muon")[0])
    let torchs = try path(of: ours.declaring(.outputsFirst))[0]
    let start = fixture.initial.values
    let scale = (7.0 / 5).squareRoot()
    for i in 0..<35 {
      #expect(abs(first[i] - theirs[i]) < 1e-9, "element \(i)")
      #expect(abs((theirs[i] - start[i]) - scale * (torchs[i] - start[i])) < 1e-9, "element \(i)")
    }
    #expect((0..<35).contains { abs(theirs[$0] - start[$0]) > 0.01 })
  }

  /// Every peer of the fixture is compared, or its difference is tested below.
  @Test func noPeerIsLeftOut() {
    let same = Set(Peer.same.map(\.name))
    let different = Set(Peer.different.keys)
    #expect(same.isDisjoint(with: different))
    #expect(same.union(different) == fixture.names)
  }

  /// The catalogue names exactly the peers of the list.
  @Test func theCatalogueNamesThesePeers() throws {
    var peers: [String: Set<String>] = [:]
    for peer in Peer.same where peer.isNamed && peer.transforms.isEmpty && peer.composition.lookahead == nil {
      guard let expression = fixture.expressions[peer.name] else { continue }
      // The expression's first call that makes a step, as in optax.chain(optax.scale_by_yogi(…), …).
      let calls = expression.matches(of: /(torch\.optim|optax|contrib)\.(\w+)\(/).filter { $0.2 != "chain" }
      let call = try #require(calls.first)
      let library = ["torch.optim": "torch ", "optax": "optax ", "contrib": "optax contrib."][call.1] ?? ""
      let spec = try OptionSpec(parsing: peer.spec)
      let settings = spec.options.map { (Names.full($0.key), $0.value) }
      peers[try Catalogue.method(named: spec.name, settings: settings).method.name, default: []]
        .insert(library + call.2)
    }
    for method in Catalogue.methods {
      #expect(Set(method.peers) == peers[method.name] ?? [], "\(method.name)")
    }
  }

  /// optax's s is 1 / β₁² times ours. That is the only difference: with the rate and ε multiplied by 1 / β₁, and the ε
  /// inside the root by 1 / β₁², its steps equal ours from the second step on.
  @Test("ACProp's surprise is that of the new mean; optax has the old one") func acProp() throws {
    let ours = try path(of: Peer("optax-acprop", "acprop:lr=0.002,eps=1e-6,form=official"))
    let theirs = try fixture.path(of: "optax-acprop")
    let first = zip(ours[0], theirs[0]).map { $1 - $0 }
    #expect(first.contains { abs($0) > 1e-5 })
    let shifted = ours.map { zip($0, first).map { $0 + $1 } }
    #expect(difference(shifted, theirs) <= 1e-12)
  }

  /// The authors weight the differences with β₂, optax with 1 − β₂. For β₂ = ½, in the list, both are the same.
  @Test func adanWeighsDifferencesWithβ2() throws {
    let ours = try path(of: Peer("optax-adan", "adan:lr=0.02,start=corrected"))
    #expect(try difference(ours, fixture.path(of: "optax-adan")) > 0.01)
  }

  /// optax's m starts at 1e-6, so parameters without a gradient move.
  @Test func yogiMovesNothingWithoutAGradient() throws {
    let still = fixture.initial.values.indices.filter { i in fixture.gradients.allSatisfy { $0.values[i] == 0 } }
    #expect(still.count == 4)
    let theirs = try fixture.path(of: "optax-yogi")
    let ours = try path(of: Peer("optax-yogi", "yogi:lr=0.02,initialSecondMoment=1e-6,biasCorrection=true"))
    for i in still {
      #expect(ours.allSatisfy { $0[i] == fixture.initial.values[i] })
      #expect(theirs.allSatisfy { $0[i] != fixture.initial.values[i] })
    }
  }

  /// optax steps with the previous gradient, so its first step does not move.
  @Test func rpropStepsAtOnce() throws {
    let start = fixture.initial.values
    let ours = try path(of: Peer("optax-rprop", "rprop:lr=0.02"))
    let g = fixture.gradients[0].values
    for i in start.indices { #expect(ours[0][i] == start[i] - (g[i] > 0 ? 0.02 : g[i] < 0 ? -0.02 : 0)) }
    #expect(try fixture.path(of: "optax-rprop")[0] == start)
  }
}
