import Descent
import Foundation
import TestSupport
import Testing

/// Every rule gives the same bits, whatever the threads, the position, the padding and the interruptions.
@Suite struct RulePropertyTests {
  @Test func threadsChangeNoBit() throws {
    struct Check: RuleCheck {
      func check<Rule: ElementRule>(_ rule: Rule) throws where Rule.Scalar: LaneScalar {
        let count = 120_011
        let one = try run(rule, threads: 1, count: count)
        #expect(try run(rule, threads: 2, count: count) == one, "\(Rule.self)")
        #expect(try run(rule, threads: 5, count: count) == one, "\(Rule.self)")
      }

      private func run<Rule: ElementRule>(
        _ rule: Rule, threads: Int, count: Int
      ) throws -> ParameterVector<Rule.Scalar> where Rule.Scalar: LaneScalar {
        var θ = try randomVector(count, seed: 1, of: Rule.Scalar.self)
        let g = try randomVector(count, seed: 2, of: Rule.Scalar.self)
        var optimizer = try Optimizer(rule, for: θ, threads: threads)
        for _ in 0..<3 { try optimizer.step(&θ, gradient: g) }
        return θ
      }
    }
    try checkAllRules(Float.self, Check())
    try checkAllRules(Double.self, Check())
  }

  @Test func positionChangesNoBit() throws {
    struct Check: RuleCheck {
      func check<Rule: ElementRule>(_ rule: Rule) throws where Rule.Scalar: LaneScalar {
        // Each element of a vector of 37, alone in a vector of one, and in a layout of blocks of every length up to 8.
        let gradients = GradientSequence.scales.gradients(Rule.Scalar.self, steps: 30)
        let together = try trajectory(of: rule, gradients: gradients, from: 0.3)
        for i in stride(from: 0, to: GradientSequence.elements, by: 5) {
          let alone = try trajectory(of: rule, gradients: gradients.map { [$0[i]] }, from: 0.3)
          #expect(alone.map { $0[0].bits } == together.map { $0[i].bits }, "\(Rule.self), element \(i)")
        }
        let layout = try ParameterLayout((1...8).map { ("p\($0)", [$0]) })
        var θ = ParameterVector<Rule.Scalar>(zeros: layout)
        var g = θ
        var i = 0
        for block in layout.blocks {
          try θ.assign(Array(repeating: 0.3, count: block.count), to: block.name)
          i += block.count
        }
        var optimizer = try Optimizer(rule, for: θ)
        for gradient in gradients {
          i = 0
          for block in layout.blocks {
            try g.assign(Array(gradient[i..<i + block.count]), to: block.name)
            i += block.count
          }
          try optimizer.step(&θ, gradient: g)
        }
        #expect(θ.values.map(\.bits) == together.last!.prefix(i).map(\.bits), "\(Rule.self), in blocks")
      }
    }
    try checkAllRules(Float.self, Check())
    try checkAllRules(Double.self, Check())
  }

  @Test func paddingStaysZero() throws {
    struct Check: RuleCheck {
      func check<Rule: ElementRule>(_ rule: Rule) throws where Rule.Scalar: LaneScalar {
        var θ = ParameterVector<Rule.Scalar>(zeros: try ParameterLayout([("a", [3]), ("b", [17])]))
        var g = θ
        var optimizer = try Optimizer(rule, for: θ)
        for t in 1...50 {
          try g.assign([1, -2, Rule.Scalar(t)], to: "a")
          try g.assign(Array(repeating: -0.1, count: 17), to: "b")
          try optimizer.step(&θ, gradient: g)
        }
        θ.withUnsafeElements { elements in
          for i in [3, 4, 15, 33, 47] { #expect(elements[i] == 0, "\(Rule.self), element \(i)") }
        }
      }
    }
    try checkAllRules(Float.self, Check())
    try checkAllRules(Double.self, Check())
  }

  @Test func zeroGradientMovesNothingFromTheStart() throws {
    struct Check: RuleCheck {
      func check<Rule: ElementRule>(_ rule: Rule) throws where Rule.Scalar: LaneScalar {
        let gradients = Array(repeating: Array(repeating: Rule.Scalar.zero, count: 19), count: 20)
        let path = try trajectory(of: rule, gradients: gradients, from: 0)
        #expect(path.allSatisfy { $0.allSatisfy { $0 == 0 } }, "\(Rule.self)")
      }
    }
    try checkAllRules(Float.self, Check())
    try checkAllRules(Double.self, Check())
  }

  /// The smallest numbers change nothing: θ goes as with gradients of zero, by the decay and the penalty alone.
  @Test func denormalGradientsMoveNothing() throws {
    struct Check: RuleCheck {
      func check<Rule: ElementRule>(_ rule: Rule) throws where Rule.Scalar: LaneScalar {
        let tiny = Rule.Scalar.leastNonzeroMagnitude
        let gradients = (1...40).map { t in [tiny, -tiny * 8, tiny * Rule.Scalar(t), 0] }
        let path = try trajectory(of: rule, gradients: gradients, from: 1)
        #expect(path.map { $0.map(\.bits) } == path.map { Array(repeating: $0[3].bits, count: 4) }, "\(Rule.self)")
      }
    }
    try checkAllRules(Float.self, Check())
    try checkAllRules(Double.self, Check())
  }

  @Test func resumesWithTheSameBitsAtAnyStep() throws {
    struct Check: RuleCheck {
      let folder: TemporaryFolder

      func check<Rule: ElementRule>(_ rule: Rule) throws where Rule.Scalar: LaneScalar {
        let gradients = GradientSequence.noisy.gradients(Rule.Scalar.self, steps: 24)
        let straight = try trajectory(of: rule, gradients: gradients, from: 0.2)
        for interruption in [0, 1, 7, 23] {
          var θ = try ParameterVector(Array(repeating: 0.2 as Rule.Scalar, count: GradientSequence.elements))
          var g = θ
          var optimizer = try Optimizer(rule, for: θ)
          for t in 0..<24 {
            if t == interruption {
              let path = folder.path + "/resume.safetensors"
              try optimizer.checkpoint(θ).write(to: path)
              θ = ParameterVector(zeros: θ.layout)
              optimizer = try Optimizer(rule, for: θ)
              try optimizer.restore(Checkpoint(contentsOf: path), into: &θ)
            }
            try g.assign(gradients[t], to: "x")
            try optimizer.step(&θ, gradient: g)
          }
          #expect(
            θ.values.map(\.bits) == straight[23].map(\.bits),
            "\(Rule.self), interrupted before step \(interruption + 1)")
        }
      }
    }
    let folder = try TemporaryFolder()
    try checkAllRules(Float.self, Check(folder: folder))
    try checkAllRules(Double.self, Check(folder: folder))
  }

  @Test func slotsAreNamedAndReadBack() throws {
    struct Check: RuleCheck {
      func check<Rule: ElementRule>(_ rule: Rule) throws where Rule.Scalar: LaneScalar {
        let θ = try randomVector(53, seed: 3, of: Rule.Scalar.self)
        var optimizer = try Optimizer(rule, for: θ)
        #expect(Set(Rule.slots).count == Rule.slots.count, "\(Rule.self): \(Rule.slots)")
        #expect(Rule.stateBytesPerParameter == Rule.slots.count * MemoryLayout<Rule.Scalar>.size, "\(Rule.self)")
        for (i, slot) in Rule.slots.enumerated() {
          let vector = try randomVector(53, seed: UInt64(10 + i), of: Rule.Scalar.self)
          try optimizer.assign(vector, toSlot: slot)
        }
        for (i, slot) in Rule.slots.enumerated() {
          let expected = try randomVector(53, seed: UInt64(10 + i), of: Rule.Scalar.self)
          #expect(try optimizer.slot(slot) == expected, "\(Rule.self), \(slot)")
        }
      }
    }
    try checkAllRules(Float.self, Check())
    #expect(Adam<Float>.slots == ["adam/m", "adam/v"])
    #expect(Averaged<Decayed<Adam<Float>>>.slots == ["adam/m", "adam/v", "average"])
    #expect(SGD<Double>.slots.isEmpty)
  }
}
