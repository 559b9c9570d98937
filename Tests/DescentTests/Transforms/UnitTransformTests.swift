import Descent
import TestSupport
import Testing

/// Transforms that treat each output's weights separately, against loops over explicit indices.
@Suite struct UnitTransformTests {
  private static let shapes = [[7, 20], [3, 2, 4, 5], [19], [], [33, 1]]

  /// Outputs after, before and among what they read.
  private static let orders: [ParameterAxes] = [
    .outputsLast, .outputsFirst, .roles([.window, .output, .input]), .roles([.input, .output, .window]),
  ]

  private func vectors<Scalar: LaneScalar>(_: Scalar.Type, _ order: ParameterAxes = .outputsLast) throws -> (
    θ: ParameterVector<Scalar>, g: ParameterVector<Scalar>
  ) {
    let layout = try ParameterLayout(
      Self.shapes.enumerated().map { ("p\($0.offset)", $0.element, axes(of: $0.element, order)) })
    var stream = RandomStream(seed: 3, name: "units")
    func vector() throws -> ParameterVector<Scalar> {
      var vector = ParameterVector<Scalar>(zeros: layout)
      for block in layout.blocks {
        try vector.assign((0..<block.count).map { _ in Scalar(stream.normal()) }, to: block.name)
      }
      return vector
    }
    return (try vector(), try vector())
  }

  /// What each extent counts, for shapes with more or fewer extents than the order names.
  private func axes(of shape: [Int], _ order: ParameterAxes) -> ParameterAxes {
    guard case .roles(let roles) = order else { return order }
    guard shape.count >= 2 else { return .outputsLast }
    return .roles(shape.count == 2 ? roles.filter { $0 != .window } : roles + shape.dropFirst(3).map { _ in roles[2] })
  }

  /// The output to which each element belongs.
  private func unit(of i: Int, _ shape: [Int], _ order: ParameterAxes) -> Int {
    guard shape.count >= 2, let roles = axes(of: shape, order).roles(rank: shape.count) else { return 0 }
    let axis = roles.firstIndex(of: .output)!
    return i / shape[(axis + 1)...].reduce(1, *) % shape[axis]
  }

  /// The gradient that a step gets.
  private func transformed<Scalar: LaneScalar>(
    _ θ: ParameterVector<Scalar>, _ g: ParameterVector<Scalar>, _ transforms: [any GradientTransform<Scalar>]
  ) throws -> ParameterVector<Scalar> {
    var optimizer = try Optimizer(Recorder<Scalar>(), for: θ)
    optimizer.transforms = transforms
    var x = θ
    try optimizer.step(&x, gradient: g)
    return try #require(optimizer.checkpoint(x).slots.values.first)
  }

  @Test(arguments: orders)
  func centralizationSubtractsEachOutputsMean(outputs: ParameterAxes) throws {
    func check<Scalar: LaneScalar>(_: Scalar.Type) throws {
      let (θ, g) = try vectors(Scalar.self, outputs)
      let centralized = try transformed(θ, g, [GradientCentralization()])
      for block in g.layout.blocks {
        let values = try g.values(of: block.name)
        var sums: [Int: (sum: Double, count: Int)] = [:]
        for (i, x) in values.enumerated() {
          let old = sums[unit(of: i, block.shape, outputs)] ?? (0, 0)
          sums[unit(of: i, block.shape, outputs)] = (old.sum + Double(x), old.count + 1)
        }
        let expected = values.enumerated().map { i, x in
          guard block.shape.count >= 2 else { return x }
          let (sum, count) = sums[unit(of: i, block.shape, outputs)]!
          return x - Scalar(sum / Double(count))
        }
        let found = try centralized.values(of: block.name)
        #expect(zip(found, expected).allSatisfy { abs($0 - $1) <= 2 * Scalar.ulpOfOne }, "\(block.shape) \(outputs)")
      }
    }
    try check(Float.self)
    try check(Double.self)
  }

  @Test func centralizationOfConvolutionsAlone() throws {
    let (θ, g) = try vectors(Float.self)
    let centralized = try transformed(θ, g, [GradientCentralization(minimumRank: 4)])
    #expect(try centralized.values(of: "p0") == g.values(of: "p0"))
    #expect(try centralized.values(of: "p1") != g.values(of: "p1"))
  }

  @Test(arguments: orders)
  func adaptiveClippingBoundsEachOutputsShare(outputs: ParameterAxes) throws {
    func check<Scalar: LaneScalar>(_: Scalar.Type) throws {
      let (θ, g) = try vectors(Scalar.self, outputs)
      let bound = 0.9
      let clipped = try transformed(θ, g, [AdaptiveGradientClipping(bound, excluding: ["p4*"])])
      var clippedUnits = 0
      var keptUnits = 0
      for block in g.layout.blocks {
        let (x, y, found) = try (g.values(of: block.name), θ.values(of: block.name), clipped.values(of: block.name))
        if block.name == "p4" {
          #expect(found == x)
          continue
        }
        for unit in Set(x.indices.map { unit(of: $0, block.shape, outputs) }) {
          let members = x.indices.filter { self.unit(of: $0, block.shape, outputs) == unit }
          func norm(_ values: [Scalar]) -> Double {
            members.reduce(0) { $0 + Double(values[$1]) * Double(values[$1]) }.squareRoot()
          }
          let scale = min(1, bound * max(norm(y), 1e-3) / norm(x))
          if scale < 1 { clippedUnits += 1 } else { keptUnits += 1 }
          for i in members {
            #expect(abs(Double(found[i]) - scale * Double(x[i])) <= 4 * Double(Scalar.ulpOfOne), "\(block.shape)")
            if scale == 1 { #expect(found[i] == x[i]) }
          }
        }
      }
      #expect(clippedUnits > 1 && keptUnits > 1)
    }
    try check(Float.self)
    try check(Double.self)
  }

  @Test func adaptiveClippingMovesWeightsOfZeros() throws {
    let θ = try ParameterVector<Double>([0, 0])
    let clipped = try transformed(θ, try ParameterVector([3, 4]), [AdaptiveGradientClipping(0.5)])
    #expect(clipped.values.map { abs($0) }.max()! > 0)
    let (x, y) = (clipped.values[0], clipped.values[1])
    let norm: Double = (x * x + y * y).squareRoot()
    #expect(abs(norm - 5e-4) < 1e-18)
  }

  @Test func adaptiveClippingTakesEarlierScalesIntoAccount() throws {
    let θ = try ParameterVector<Double>([3, 4])
    let g = try ParameterVector<Double>([30, 40])
    // Clipped to ‖g‖ = 10, twice ‖θ‖, and then to half of ‖θ‖: 2.5.
    let clipped = try transformed(θ, g, [ClipByGlobalNorm(10), AdaptiveGradientClipping(0.5)])
    #expect(zip(clipped.values, [1.5, 2]).allSatisfy { abs($0 - $1) < 1e-15 })
  }

  @Test func aBoundThatIsNotPositiveIsRefused() throws {
    let θ = try ParameterVector<Double>([3, 4])
    #expect(throws: GradientError.invalidBound(0)) { try transformed(θ, θ, [AdaptiveGradientClipping(0)]) }
  }
}

/// Remembers the gradient and does not step.
private struct Recorder<Scalar: LaneScalar>: VectorRule {
  var learningRate: Schedule = 1

  struct State: Sendable { var g: ParameterVector<Scalar> }

  static var fields: [StateField<State, Scalar>] { [.vector("g", \.g)] }

  func initialState(for θ: ParameterVector<Scalar>) -> State { State(g: θ) }

  func step(
    _ θ: inout ParameterVector<Scalar>, gradient g: ParameterVector<Scalar>, state: inout State, at t: Int,
    threads: Int
  ) { state.g = g }
}
