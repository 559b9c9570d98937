import Foundation
import TestSupport
import Testing

@testable import Descent

/// Optimizers whose state is stored in fewer bits.
@Suite struct QuantizedTests {
  static let layout = try! ParameterLayout([
    ("weight", [37, 53]), ("bias", [10]), ("scalar", []), ("many", [1003]), ("last", [65]),
  ])

  /// Numbers of many sizes; some elements are always zero.
  static func gradient(_ t: Int, layout: ParameterLayout = layout) -> ParameterVector<Float> {
    var g = ParameterVector<Float>(zeros: layout)
    var stream = RandomStream(seed: 11, name: "gradient").substream(UInt64(t))
    g.withUnsafeMutableElements { elements in
      for block in layout.blocks {
        var words = [UInt32](repeating: 0, count: block.count)
        words.withUnsafeMutableBufferPointer { stream.fillWords($0) }
        for (i, word) in words.enumerated() {
          let scale = Float(sign: .plus, exponent: -(i % 13), significand: 1)
          elements[block.offset + i] = i % 29 == 3 ? 0 : scale * (Float(word >> 8) * 0x1p-24 - 0.4)
        }
      }
    }
    return g
  }

  static func start(layout: ParameterLayout = layout) -> ParameterVector<Float> { gradient(0, layout: layout) }

  static func steps<Rule: PassRule>(
    _ optimizer: inout Optimizer<Rule>, _ θ: inout ParameterVector<Float>, _ range: ClosedRange<Int>
  ) throws where Rule.Scalar == Float {
    for t in range { try optimizer.step(&θ, gradient: gradient(t)) }
  }

  static func bits(_ θ: ParameterVector<Float>) -> [UInt32] { θ.values.map(\.bitPattern) }

  private func expectSameBits(_ rule: some PassRule<Float>) throws {
    // Enough elements for several threads, in unequal parts.
    let layout = try ParameterLayout([("a", [37]), ("b", [100_003])])
    func run(threads: Int) throws -> ([UInt32], Checkpoint<Float>) {
      var θ = Self.start(layout: layout)
      var optimizer = try Optimizer(rule, for: θ, threads: threads)
      for t in 1...2 { try optimizer.step(&θ, gradient: Self.gradient(t, layout: layout)) }
      return (Self.bits(θ), try optimizer.checkpoint(θ))
    }
    let (one, three) = (try run(threads: 1), try run(threads: 3))
    #expect(one.0 == three.0)
    #expect(one.1.coded == three.1.coded)
  }

  @Test func threadsDoNotMatter() throws {
    try expectSameBits(Adam<Float>().quantized(.block8))
    try expectSameBits(Momentum<Float>().decayed(by: 0.01).averaged(0.9).quantized(.bfloat16))
  }

  /// A block's place in the vector and its neighbours affect only its random bits; without these, they affect nothing.
  @Test func neighboursDoNotMatter() throws {
    let (alone, among) = (
      try ParameterLayout([("a", [70])]), try ParameterLayout([("a", [70]), ("b", [129]), ("c", [3])])
    )
    func run(_ layout: ParameterLayout) throws -> (Optimizer<Quantized<Adam<Float>, Block8>>, [Float]) {
      var θ = Self.start(layout: layout)
      var optimizer = try Optimizer(Adam<Float>().quantized(.block8), for: θ)
      for t in 1...5 { try optimizer.step(&θ, gradient: Self.gradient(t, layout: layout)) }
      return (optimizer, try θ.values(of: "a"))
    }
    let (a, b) = (try run(alone), try run(among))
    #expect(a.1 == b.1)
    #expect(try a.0.slot("adam/v").values(of: "a") == b.0.slot("adam/v").values(of: "a"))
  }

  @Test func theSeedDecidesOnTheBits() throws {
    func run(_ seed: UInt64) throws -> [UInt32] {
      var θ = Self.start()
      var optimizer = try Optimizer(Adam<Float>().quantized(.block8, seed: seed), for: θ)
      try Self.steps(&optimizer, &θ, 1...3)
      return Self.bits(θ)
    }
    #expect(try run(1) == run(1))
    #expect(try run(1) != run(2))
  }

  @Test func aCopyIsASnapshot() throws {
    var θ = Self.start()
    var optimizer = try Optimizer(Adam<Float>().averaged(0.9).quantized(.block8), for: θ)
    try Self.steps(&optimizer, &θ, 1...3)
    var (copy, copyθ) = (optimizer, θ)
    try Self.steps(&optimizer, &θ, 4...6)
    try Self.steps(&copy, &copyθ, 4...6)
    #expect(Self.bits(θ) == Self.bits(copyθ))
    #expect(try optimizer.checkpoint(θ).coded == copy.checkpoint(copyθ).coded)
  }

  // MARK: Saving

  private func expectResumes(_ rule: some PassRule<Float>) throws {
    let folder = try TemporaryFolder()
    let path = folder.path + "/state.safetensors"
    var θ = Self.start()
    var optimizer = try Optimizer(rule, for: θ)
    try Self.steps(&optimizer, &θ, 1...7)
    try optimizer.checkpoint(θ).write(to: path)
    let saved = try Checkpoint<Float>(contentsOf: path)
    #expect(saved.coded == (try optimizer.checkpoint(θ).coded))
    #expect(!saved.coded.isEmpty)
    var resumedθ = ParameterVector<Float>(zeros: Self.layout)
    var resumed = try Optimizer(rule, for: resumedθ)
    try resumed.restore(saved, into: &resumedθ)
    try Self.steps(&optimizer, &θ, 8...14)
    try Self.steps(&resumed, &resumedθ, 8...14)
    #expect(Self.bits(θ) == Self.bits(resumedθ))
    #expect(try optimizer.checkpoint(θ).coded == resumed.checkpoint(resumedθ).coded)
    #expect(optimizer.average == resumed.average)
  }

  @Test func aResumedRunHasTheSameBits() throws {
    try expectResumes(Adam<Float>().quantized(.block8))
    try expectResumes(Adam<Float>().quantized(.bfloat16))
    try expectResumes(AdaDelta<Float>().averaged(0.9).quantized(.block8))
    try expectResumes(Momentum<Float>().lookingAhead().quantized(.bfloat16, seed: 3))
  }

  /// The documentation of the file suffices for another reader.
  @Test func codesInTheFileAreTheSlots() throws {
    let folder = try TemporaryFolder()
    let path = folder.path + "/state.safetensors"
    var θ = Self.start()
    var optimizer = try Optimizer(Adam<Float>().quantized(.block8), for: θ)
    try Self.steps(&optimizer, &θ, 1...5)
    try optimizer.checkpoint(θ).write(to: path)
    let file = try Safetensors(path: path)
    for (slot, nonNegative) in [("adam/m", false), ("adam/v", true)] {
      let vector = try optimizer.slot(slot)
      for block in Self.layout.blocks {
        #expect(file.type(of: "\(slot)/\(block.name)") == "U8")
        #expect(file.shape(of: "\(slot)/\(block.name)") == block.shape)
        let codes = try file.bytes(of: "\(slot)/\(block.name)")
        let offsets = try file.integers(of: "\(slot):offsets/\(block.name)")
        let values = codes.indices.map {
          CodeTests.value(Int(codes[$0]), offset: offsets[$0 / 64], nonNegative: nonNegative)
        }
        #expect(try vector.values(of: block.name) == values)
      }
    }
  }

  @Test func parametersMayBeInAnotherOrder() throws {
    let other = try ParameterLayout(Self.layout.blocks.reversed().map { ($0.name, $0.shape) })
    var θ = Self.start()
    var optimizer = try Optimizer(Adam<Float>().quantized(.block8), for: θ)
    try Self.steps(&optimizer, &θ, 1...5)
    var restoredθ = ParameterVector<Float>(zeros: other)
    var restored = try Optimizer(Adam<Float>().quantized(.block8), for: restoredθ)
    try restored.restore(try optimizer.checkpoint(θ), into: &restoredθ)
    for slot in ["adam/m", "adam/v"] {
      for block in other.blocks {
        #expect(try restored.slot(slot).values(of: block.name) == optimizer.slot(slot).values(of: block.name))
      }
    }
  }

  @Test func otherKindsOfStateAreRefused() throws {
    var θ = Self.start()
    var plain = try Optimizer(Adam<Float>(), for: θ)
    var block8 = try Optimizer(Adam<Float>().quantized(.block8), for: θ)
    let bfloat16 = try Optimizer(Adam<Float>().quantized(.bfloat16), for: θ)
    var checkpoint = try block8.checkpoint(θ)
    #expect(throws: CheckpointError.self) { try plain.restore(checkpoint, into: &θ) }
    #expect(throws: CheckpointError.self) { try block8.restore(try plain.checkpoint(θ), into: &θ) }
    #expect(throws: CheckpointError.self) { try block8.restore(try bfloat16.checkpoint(θ), into: &θ) }
    checkpoint.coded["adam/v"]?.tensors["many"]?.offsets[7] = 2000
    #expect(throws: CheckpointError.damagedState("adam/v/many")) { try block8.restore(checkpoint, into: &θ) }
    checkpoint.coded["adam/v"]?.tensors["many"] = nil
    #expect(throws: CheckpointError.missingState("adam/v/many")) { try block8.restore(checkpoint, into: &θ) }
  }

  @Test func slotsMayBeReplaced() throws {
    let θ = Self.start()
    var optimizer = try Optimizer(Adam<Float>().quantized(.bfloat16), for: θ)
    try optimizer.assign(θ, toSlot: "adam/m")
    for (a, b) in zip(try optimizer.slot("adam/m").values, θ.values) { #expect(abs(a - b) <= abs(b) / 256) }
  }

  // MARK: What is stored

  @Test func bytesOfState() throws {
    let θ = ParameterVector<Float>(zeros: try ParameterLayout([("x", [1 << 16])]))
    #expect(try Optimizer(Adam<Float>(), for: θ).stateBytesPerParameter == 8)
    #expect(try Optimizer(Adam<Float>().quantized(.block8), for: θ).stateBytesPerParameter == 2.0625)
    #expect(try Optimizer(Adam<Float>().quantized(.bfloat16), for: θ).stateBytesPerParameter == 4)
    #expect(try Optimizer(Momentum<Float>().quantized(.block8), for: θ).stateBytesPerParameter == 1.03125)
    let averaged = Adam<Float>().averaged(0.9).quantized(.block8)
    #expect(try Optimizer(averaged, for: θ).stateBytesPerParameter == 6.0625)
    #expect(type(of: averaged).stateBytesPerParameter == 6.0625)
  }

  @Test func anAverageOfTheParametersIsExact() throws {
    var θ = Self.start()
    var optimizer = try Optimizer(Adam<Float>().averaged(.polyak(from: 1)).quantized(.block8), for: θ)
    var sum = [Double](repeating: 0, count: θ.values.count)
    for t in 1...20 {
      try optimizer.step(&θ, gradient: Self.gradient(t))
      for (i, x) in θ.values.enumerated() { sum[i] += Double(x) }
    }
    for (mean, x) in zip(sum, optimizer.averagedParameters.values) {
      let difference: Double = mean / 20 - Double(x)
      #expect(abs(difference) < 1e-5)
    }
  }

  /// The steps of this moving average are a thousandth of a code's step: rounding to nearest would not move it at all.
  @Test(arguments: [0.999, 0.99])
  func theSecondMomentArrives(β2: Double) throws {
    let layout = try ParameterLayout([("x", [1024])])
    var θ = ParameterVector<Float>(zeros: layout)
    var g = θ
    var exact = try Optimizer(Adam<Float>(learningRate: 0, beta2: β2), for: θ)
    var block8 = try Optimizer(Adam<Float>(learningRate: 0, beta2: β2).quantized(.block8), for: θ)
    var bfloat16 = try Optimizer(Adam<Float>(learningRate: 0, beta2: β2).quantized(.bfloat16), for: θ)
    var stream = RandomStream(seed: 2, name: "g")
    func means(_ v: ParameterVector<Float>) throws -> [Double] {
      let exact = try exact.slot("adam/v").values
      // The mean for the elements of each size, over the whole range of sizes.
      return (0..<8).map { size in
        let ratios = zip(v.values, exact).enumerated().filter { $0.offset % 8 == size }.map {
          $0.element.0 / $0.element.1
        }
        return Double(ratios.reduce(0, +)) / Double(ratios.count)
      }
    }
    for t in 1...1200 {
      g.withUnsafeMutableElements { elements in
        for i in elements.indices {
          // First a gradient ten times as large: v has to come down as well as up.
          let size = Float(sign: .plus, exponent: -(i % 8), significand: t <= 40 ? 10 : 1)
          elements[i] = size * Float(stream.uniform(in: -1..<1.5))
        }
      }
      try exact.step(&θ, gradient: g)
      try block8.step(&θ, gradient: g)
      try bfloat16.step(&θ, gradient: g)
    }
    for mean in try means(try block8.slot("adam/v")) { #expect(abs(mean - 1) < 0.05) }
    for mean in try means(try bfloat16.slot("adam/v")) { #expect(abs(mean - 1) < 0.01) }
  }

  // MARK: Groups and gradients that are not finite

  @Test func groupsAndFrozenParameters() throws {
    let θ0 = Self.start()
    func run(_ rule: some PassRule<Float>) throws -> ParameterVector<Float> {
      var θ = θ0
      var optimizer = try Optimizer(rule, for: θ, threads: 3)
      try optimizer.group("bias") { $0.learningRate = 0.1 }
      try optimizer.freeze("scalar")
      try optimizer.freeze("last")
      try Self.steps(&optimizer, &θ, 1...10)
      return θ
    }
    let exact = try run(Adam<Float>())
    let rounded = try run(Adam<Float>().quantized(.block8))
    for name in ["scalar", "last"] { #expect(try rounded.values(of: name) == θ0.values(of: name)) }
    func distance(_ name: String, _ rate: Float) throws {
      let (a, b) = (try exact.values(of: name), try rounded.values(of: name))
      let sum: Float = zip(a, b).reduce(0) { $0 + abs($1.0 - $1.1) }
      let mean = sum / Float(a.count)
      // In ten steps θ goes up to ten times the rate.
      #expect(mean < 0.5 * rate, "\(name): \(mean)")
      #expect(try rounded.values(of: name) != θ0.values(of: name))
    }
    try distance("bias", 0.1)
    try distance("many", 0.001)
  }

  @Test func noFiniteGradientMakesNaN() throws {
    func check(_ make: (ParameterVector<Float>) throws -> any Stepper<Float>) throws {
      let largest = Float.greatestFiniteMagnitude
      for large in [2e19, 1e30, -1e25, largest, -largest] {
        var θ = Self.start()
        var optimizer = try make(θ)
        for t in 1...12 {
          var g = Self.gradient(t)
          if 3...6 ~= t { g.withUnsafeMutableElements { $0[5] = t % 2 == 0 ? large : -large } }
          try optimizer.step(&θ, gradient: g)
          #expect(θ.values.allSatisfy { $0.isFinite }, "\(optimizer.name) after step \(t)")
        }
      }
    }
    try check { try Optimizer(Adam<Float>().quantized(.block8), for: $0) }
    try check { try Optimizer(Adam<Float>().quantized(.bfloat16), for: $0) }
    try check { try Optimizer(Momentum<Float>(learningRate: 1).quantized(.block8), for: $0) }
    try check { try Optimizer(AMSGrad<Float>().decayed(by: 0.1).quantized(.bfloat16), for: $0) }
  }

  @Test func aGradientThatIsNotFiniteHarmsItsElementAlone() throws {
    func run(_ bad: Float?) throws -> [Float] {
      var θ = Self.start()
      var optimizer = try Optimizer(Adam<Float>().quantized(.block8), for: θ)
      for t in 1...10 {
        var g = Self.gradient(t)
        if let bad, t == 4 { g.withUnsafeMutableElements { $0[5] = bad } }
        try optimizer.step(&θ, gradient: g)
      }
      return θ.values
    }
    let clean = try run(nil)
    for bad in [Float.nan, .infinity] {
      let values = try run(bad)
      #expect(values[5].isNaN)
      for i in clean.indices where i != 5 { #expect(abs(values[i] - clean[i]) < 0.004, "element \(i)") }
    }
  }
}
