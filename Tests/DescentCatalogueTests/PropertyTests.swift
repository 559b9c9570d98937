import Descent
import DescentCatalogue
import TestSupport
import Testing

/// Properties of every method with every option: the same bits whatever the threads, the position and the
/// interruptions; padding stays zero; no element affects another.
@Suite struct PropertyTests {
  /// A method alone, and composed.
  private static let compositions = [
    Method.Composition(), Method.Composition(decay: 0.01, penalty: 0.01, average: .exponential(0.9)),
  ]

  private func forEachCase<Scalar: LaneScalar>(
    of method: String, _: Scalar.Type, composed: Bool = false,
    _ body: (_ scenario: String, Method, ConfiguredMethod) throws -> Void
  ) throws {
    for scenario in allCases(Double.self) {
      for var composition in composed ? Self.compositions : [Method.Composition()] {
        let (found, configured) = try scenario.configured(withWhatItTakesOf: &composition)
        if found.name == method {
          try body("\(scenario.description), \(Scalar.self), \(composition)", found, configured)
        }
      }
    }
  }

  @Test(arguments: Catalogue.methods.map(\.name))
  func resumesWithTheSameBitsAtAnyStep(method: String) throws {
    let folder = try TemporaryFolder()
    func check<Scalar: LaneScalar>(_: Scalar.Type) throws {
      try forEachCase(of: method, Scalar.self, composed: true) { scenario, _, configured in
        let (start, gradients) = try model(.noisy, Scalar.self, steps: 24)
        let straight = try configured.trajectory(gradients, from: start)
        for interruption in [0, 1, 7, 23] {
          var θ = start
          var g = start
          var optimizer = try configured.optimizer(of: θ)
          for t in 0..<24 {
            if t == interruption {
              let path = folder.path + "/resume.safetensors"
              try optimizer.checkpoint(θ).write(to: path)
              θ = ParameterVector(zeros: θ.layout)
              optimizer = try configured.optimizer(of: θ)
              try optimizer.restore(Checkpoint(contentsOf: path), into: &θ)
            }
            for (block, values) in zip(θ.layout.blocks, gradients[t]) { try g.assign(values, to: block.name) }
            try optimizer.step(&θ, gradient: g)
          }
          #expect(
            θ.values.map(\.bits) == straight[23].flatMap { $0 }.map(\.bits),
            "\(scenario), interrupted before step \(interruption + 1)")
        }
      }
    }
    try check(Float.self)
    try check(Double.self)
  }

  @Test(arguments: Catalogue.methods.map(\.name))
  func threadsChangeNoBit(method: String) throws {
    try forEachCase(of: method, Float.self) { scenario, method, configured in
      // Enough elements for several threads; few where a step costs more than its elements.
      let extents = method.kind == .tensor ? [60, 90] : [333, 400]
      let layout = try ParameterLayout([("a", extents), ("b", [17]), ("c", [5, 3])])
      let random = try randomVector(layout.blocks.reduce(0) { $0 + $1.count }, seed: 1, of: Float.self).values
      func run(threads: Int) throws -> ParameterVector<Float> {
        var θ = ParameterVector<Float>(zeros: layout)
        var offset = 0
        for block in layout.blocks {
          try θ.assign(Array(random[offset..<offset + block.count]), to: block.name)
          offset += block.count
        }
        var g = θ
        var optimizer = try configured.optimizer(of: θ, threads: threads)
        for t in 1...3 {
          g.scale(by: Float(t) - 2.5)
          try optimizer.step(&θ, gradient: g)
        }
        return θ
      }
      let one = try run(threads: 1)
      #expect(try run(threads: 2) == one, "\(scenario)")
      #expect(try run(threads: 5) == one, "\(scenario)")
    }
  }

  @Test(arguments: Catalogue.methods.filter { $0.kind == .element }.map(\.name))
  func positionChangesNoBit(method: String) throws {
    func check<Scalar: LaneScalar>(_: Scalar.Type) throws {
      try forEachCase(of: method, Scalar.self) { scenario, _, configured in
        // Each element of a vector of 37, alone in a vector of one, and in a layout of blocks of every length up to 8.
        let gradients = GradientSequence.scales.gradients(Scalar.self, steps: 30)
        func start(_ count: Int) throws -> ParameterVector<Scalar> {
          try ParameterVector(Array(repeating: 0.3, count: count))
        }
        let together = try configured.trajectory(gradients.map { [$0] }, from: start(37)).map { $0[0] }
        for i in stride(from: 0, to: GradientSequence.elements, by: 5) {
          let alone = try configured.trajectory(gradients.map { [[$0[i]]] }, from: start(1))
          #expect(alone.map { $0[0][0].bits } == together.map { $0[i].bits }, "\(scenario), element \(i)")
        }
        let layout = try ParameterLayout((1...8).map { ("p\($0)", [$0]) })
        var θ = ParameterVector<Scalar>(zeros: layout)
        for block in layout.blocks { try θ.assign(Array(repeating: 0.3, count: block.count), to: block.name) }
        let apart = try configured.trajectory(
          gradients.map { gradient in
            var rest = gradient[...]
            return layout.blocks.map { block in
              defer { rest = rest.dropFirst(block.count) }
              return Array(rest.prefix(block.count))
            }
          }, from: θ)
        #expect(
          apart.last!.flatMap { $0 }.map(\.bits) == together.last!.prefix(36).map(\.bits), "\(scenario), in blocks")
      }
    }
    try check(Float.self)
    try check(Double.self)
  }

  @Test(arguments: Catalogue.methods.map(\.name))
  func paddingStaysZeroAndZeroGradientsMoveNothingFromZero(method: String) throws {
    func check<Scalar: LaneScalar>(_: Scalar.Type) throws {
      try forEachCase(of: method, Scalar.self, composed: true) { scenario, _, configured in
        var θ = ParameterVector<Scalar>(
          zeros: try ParameterLayout([("a", [3]), ("b", [17]), ("still", [2, 3]), ("scalar", [])]))
        var g = θ
        var optimizer = try configured.optimizer(of: θ)
        for t in 1...50 {
          try g.assign([1, -2, Scalar(t)], to: "a")
          try g.assign(Array(repeating: -0.1, count: 17), to: "b")
          try optimizer.step(&θ, gradient: g)
        }
        #expect(try θ.values(of: "still") == Array(repeating: 0, count: 6), "\(scenario)")
        #expect(try θ.values(of: "scalar") == [0], "\(scenario)")
        θ.withUnsafeElements { elements in
          var isPadding = Array(repeating: true, count: elements.count)
          for block in θ.layout.blocks { for i in block.elements { isPadding[i] = false } }
          #expect(elements.indices.allSatisfy { !isPadding[$0] || elements[$0] == 0 }, "\(scenario)")
        }
      }
    }
    try check(Float.self)
    try check(Double.self)
  }

  @Test(arguments: Catalogue.methods.map(\.name))
  func denormalGradientsStayFinite(method: String) throws {
    func check<Scalar: LaneScalar>(_: Scalar.Type) throws {
      try forEachCase(of: method, Scalar.self) { scenario, _, configured in
        let tiny = Scalar.leastNonzeroMagnitude
        let gradients = (1...40).map { t in [[tiny, -tiny * 8, tiny * Scalar(t), 0]] }
        let path = try configured.trajectory(gradients, from: ParameterVector([1, 1, 1, 1]))
        #expect(path.allSatisfy { $0[0].allSatisfy { $0.isFinite } }, "\(scenario)")
      }
    }
    try check(Float.self)
    try check(Double.self)
  }

  /// A gradient that is not finite, or whose square is not, spoils no other element. (`LargeGradientTests` say what
  /// becomes of its own.)
  @Test(arguments: Catalogue.methods.filter { $0.kind == .element }.map(\.name))
  func aBadElementAffectsNoOther(method: String) throws {
    func check<Scalar: LaneScalar>(_: Scalar.Type) throws {
      try forEachCase(of: method, Scalar.self) { scenario, method, configured in
        func path(_ third: Scalar) throws -> [Scalar] {
          let gradients = (1...6).map { [[$0 == 3 ? third : 0.1, 0.5, -0.5, 0]] }
          return try configured.trajectory(gradients, from: ParameterVector([1, 1, 1, 1])).flatMap { $0[0][1...] }
        }
        let expected = try path(0.1).map(\.bits)
        let huge = Scalar.greatestFiniteMagnitude
        for bad in [huge, -huge, .infinity, -.infinity, .nan] {
          #expect(try path(bad).map(\.bits) == expected, "\(scenario), \(bad)")
        }
      }
    }
    try check(Float.self)
    try check(Double.self)
  }

  @Test(arguments: Catalogue.methods.map(\.name))
  func whatACheckpointLacksOrIsAnothersIsRefused(method: String) throws {
    try forEachCase(of: method, Float.self) { scenario, _, configured in
      var θ = try ParameterVector([1, 2, 3] as [Float])
      var optimizer = try configured.optimizer(of: θ)
      try optimizer.step(&θ, gradient: θ)
      var checkpoint = try optimizer.checkpoint(θ)
      let other = try ParameterVector([1, 2, 3, 4] as [Float])
      var target = other
      var larger = try configured.optimizer(for: other)
      #expect(throws: CheckpointError.self) { try larger.restore(checkpoint, into: &target) }
      #expect(target == other)
      checkpoint.rule += "x"
      #expect(throws: CheckpointError.self) { try optimizer.restore(checkpoint, into: &θ) }
    }
  }
}
