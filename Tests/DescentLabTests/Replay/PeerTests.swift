import Descent
import DescentCatalogue
import Foundation
import Testing

@testable import DescentLab

/// Methods against torch and optax, in float64, after the steps that the fixture holds: `Scripts/peer-trajectories.py`
/// says how it was made.
@Suite struct PeerTests {
  /// The fixture: θ₀, the gradients and where each peer was.
  struct Fixture {
    let steps: [Int]
    let initial: ParameterVector<Double>
    let gradients: [ParameterVector<Double>]
    /// Names of the peers.
    let names: Set<String>
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
    }

    /// Where the peer was after each of ``steps``.
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

  /// Where the method is after each of the fixture's steps: θ, or the average it evaluates at.
  private func path(of peer: Peer) throws -> [[Double]] {
    let spec = try OptionSpec(parsing: peer.spec)
    let (method, settings) = try Catalogue.method(
      named: spec.name, settings: spec.options.map { (OptionSpec.expanded($0.key), $0.value) })
    let configured = try method.configured(settings, steps: fixture.gradients.count, with: peer.additions)
    var θ = fixture.initial
    let optimizer = try configured.optimizer(for: θ)
    optimizer.transforms = peer.transforms.map {
      switch $0 {
      case .clip(let norm): ClipByGlobalNorm(norm)
      case .accumulate(let count): Accumulate(count)
      }
    }
    let isEvaluated = peer.name.hasSuffix(".evaluated")
    var path: [[Double]] = []
    for (i, gradient) in fixture.gradients.enumerated() {
      try optimizer.step(&θ, gradient: gradient)
      guard fixture.steps.contains(i + 1) else { continue }
      path.append(isEvaluated ? try #require(optimizer.averagedParameters).values : θ.values)
    }
    return path
  }

  /// The largest difference between two paths, as a share of the way that an element has gone: of all of it that is more
  /// than θ's rounding, one unit in the last place a step.
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

  /// What the comparison finds is what it is told to find.
  @Test func aDifferenceIsSeen() throws {
    let adam = try fixture.path(of: "torch-adam")
    for other in ["torch-adam-options", "torch-adamw", "torch-nadam", "optax-adam-root"] {
      #expect(try difference(adam, fixture.path(of: other)) > 1e-6, "\(other)")
    }
    #expect(try difference(path(of: Peer("torch-adam", "adam:lr=0.02,eps=1.01e-8")), adam) > 1e-12)
  }
}
