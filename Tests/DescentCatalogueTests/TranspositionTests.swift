import Descent
import DescentCatalogue
import TestSupport
import Testing

/// If a problem's parameters lie in another order and the layout declares that order, all methods and transforms take
/// the same path.
@Suite struct TranspositionTests {
  /// A weight, a bias, a scalar, kernels, and weights with two extents that count inputs or outputs.
  private static let parameters: [(shape: [Int], axes: ParameterAxes)] = [
    ([3, 7], .outputsLast), ([11], .outputsLast), ([], .outputsLast), ([2, 3, 5], .outputsLast),
    ([3, 2, 4, 5], .outputsLast), ([4, 2, 3], [.input, .output, .output]), ([2, 3, 4], [.input, .input, .output]),
    ([3, 4], [.output, .output]), ([2, 3, 4], [.window, .window, .output]),
  ]

  /// The libraries' orders of the extents.
  enum Order: CaseIterable {
    /// [outputs, inputs, window]: torch's weights.
    case outputsFirst
    /// [outputs, window, inputs]: MLX's kernels.
    case outputsWindowInputs
    /// [inputs, outputs, window]: torch's kernels of transposed convolutions.
    case inputsOutputsWindow
    /// [window, outputs, inputs]: Keras's.
    case windowOutputsInputs

    var roles: [AxisRole] {
      switch self {
      case .outputsFirst: [.output, .input, .window]
      case .outputsWindowInputs: [.output, .window, .input]
      case .inputsOutputsWindow: [.input, .output, .window]
      case .windowOutputsInputs: [.window, .output, .input]
      }
    }

    /// Which of a parameter's extents comes first, second, …; extents of the same role keep their order.
    func permutation(_ axes: [AxisRole]) -> [Int] {
      roles.flatMap { role in axes.indices.filter { axes[$0] == role } }
    }
  }

  /// The gradients of a method's path and its start, [parameter][element] in this package's order.
  private struct Problem<Scalar: LaneScalar> {
    let start: [[Scalar]]
    let gradients: [[[Scalar]]]

    init(steps: Int) {
      let counts = parameters.map { $0.shape.reduce(1, *) }
      func split(_ values: [Scalar]) -> [[Scalar]] {
        var rest = values[...]
        return counts.map { count in
          defer { rest = rest.dropFirst(count) }
          return Array(rest.prefix(count))
        }
      }
      let total = counts.reduce(0, +)
      let noise = GradientSequence.noisy.gradients(Scalar.self, steps: steps + 1, elements: total)
      start = split(noise[steps])
      gradients = noise.prefix(steps).map(split)
    }
  }

  /// The path of a problem whose parameters lie in `order`, given in this package's order.
  ///
  /// - Parameter isDeclared: Whether the layout declares `order`.
  private func path<Scalar: LaneScalar>(
    _ method: ConfiguredMethod, _ problem: Problem<Scalar>, _ order: Order?, isDeclared: Bool = true
  ) throws -> [[[Scalar]]] {
    var places: [[Int]] = []
    var tensors: [(name: String, shape: [Int], axes: ParameterAxes)] = []
    for (shape, axes) in Self.parameters {
      let roles = try #require(axes.roles(rank: shape.count))
      let permutation = order?.permutation(roles) ?? Array(shape.indices)
      let permuted = permutation.map { shape[$0] }
      tensors.append(
        (
          "p\(tensors.count)", permuted,
          isDeclared ? .roles(permutation.map { roles[$0] }) : .outputsLast
        ))
      // The original position of each element of the permuted parameter.
      places.append(
        (0..<shape.reduce(1, *)).map { place in
          let indices = Tensor<Double>.indices(place, permuted)
          var original = indices
          for (index, axis) in zip(indices, permutation) { original[axis] = index }
          return Tensor<Double>.position(original, shape)
        })
    }
    var θ = ParameterVector<Scalar>(zeros: try ParameterLayout(tensors))
    for (block, (values, places)) in zip(θ.layout.blocks, zip(problem.start, places)) {
      try θ.assign(places.map { values[$0] }, to: block.name)
    }
    let gradients = problem.gradients.map { zip($0, places).map { values, places in places.map { values[$0] } } }
    return try method.trajectory(gradients, from: θ).map { step in
      zip(step, places).map { values, places in
        var original = values
        for (value, place) in zip(values, places) { original[place] = value }
        return original
      }
    }
  }

  /// The largest difference, as a share of the largest number in θ.
  private func difference<Scalar: LaneScalar>(_ a: [[[Scalar]]], _ b: [[[Scalar]]]) -> Double {
    let (a, b) = (a.joined().joined(), b.joined().joined())
    let largest = a.reduce(1) { max($0, abs(Double($1))) }
    // Not `max`, which drops NaN.
    return zip(a, b).reduce(0) { worst, pair in
      let difference = abs(Double(pair.0) - Double(pair.1)) / largest
      return difference <= worst ? worst : difference
    }
  }

  /// Sums over a whole parameter, or over all, are taken in the order in which elements lie.
  private static let sumInMemoryOrder: Set<String> = ["lars", "lamb", "novograd", "adashift"]

  @Test(arguments: Catalogue.methods.map(\.name))
  func aTransposedProblemHasTheSamePath(method: String) throws {
    func check<Scalar: LaneScalar>(_: Scalar.Type) throws {
      let problem = Problem<Scalar>(steps: 12)
      for scenario in allCases(Double.self) where scenario.method == method {
        let (found, configured) = try scenario.configured()
        let isExact = found.kind != .vector && !Self.sumInMemoryOrder.contains(found.name)
        let ours = try path(configured, problem, nil)
        for order in Order.allCases {
          let theirs = try path(configured, problem, order)
          if isExact {
            #expect(
              ours.joined().joined().map(\.bits) == theirs.joined().joined().map(\.bits),
              "\(scenario.description), \(Scalar.self), \(order)")
          } else {
            let difference = difference(ours, theirs)
            #expect(
              difference <= 64 * Double(Scalar.ulpOfOne), "\(scenario.description), \(Scalar.self), \(order)")
          }
        }
      }
    }
    try check(Float.self)
    try check(Double.self)
  }

  private static let centralized = Method.Composition(centralizes: true)
  private static let clipped = Method.Composition(adaptiveClip: 0.1)

  @Test(arguments: [centralized, clipped], Order.allCases)
  func transformsTreatTheSameOutputs(composition: Method.Composition, order: Order) throws {
    func check<Scalar: LaneScalar>(_: Scalar.Type) throws {
      let problem = Problem<Scalar>(steps: 12)
      let method = try Catalogue.method(named: "momentum").method.configured(with: composition)
      let difference = try difference(path(method, problem, nil), path(method, problem, order))
      #expect(difference <= 64 * Double(Scalar.ulpOfOne), "\(Scalar.self)")
    }
    try check(Float.self)
    try check(Double.self)
  }

  /// If the layout does not declare the order, methods that depend on it take another path. So the comparison above
  /// tests something.
  @Test func anUndeclaredOrderIsSeen() throws {
    let problem = Problem<Double>(steps: 12)
    for (name, settings, composition) in [
      ("muon", [], Method.Composition()), ("adafactor", [], Method.Composition()),
      ("shampoo", [("form", "matrix")], Method.Composition()), ("soap", [("form", "matrix")], Method.Composition()),
      ("sgd", [], Self.centralized), ("sgd", [], Self.clipped),
    ] as [(String, [(name: String, value: String)], Method.Composition)] {
      let method = try Catalogue.method(named: name).method.configured(settings, with: composition)
      let ours = try path(method, problem, nil)
      for order in Order.allCases {
        #expect(try difference(ours, path(method, problem, order, isDeclared: false)) > 1e-4, "\(name), \(order)")
      }
    }
  }
}
