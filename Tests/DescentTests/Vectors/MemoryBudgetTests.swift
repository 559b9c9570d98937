import Foundation
import Testing

@testable import Descent

@Suite struct MemoryBudgetTests {
  @Test func noProcessHasMoreThanTheMachine() throws {
    let available = MemoryBudget.available()
    #expect(available.bytes > 0 && UInt64(available.bytes) <= ProcessInfo.processInfo.physicalMemory)
    try MemoryBudget.require(1e6)
    let error = #expect(throws: MemoryShortage.self) { try MemoryBudget.require(3.6e17) }
    #expect(error?.description.hasPrefix("360 PB of memory are needed, and ") == true)
    #expect(throws: MemoryShortage.self) { try MemoryBudget.require(.infinity) }
  }

  /// The smallest limit among a group and the groups that hold it counts, in both kinds of hierarchy.
  @Test func limitsOfControlGroups() throws {
    let root = FileManager.default.temporaryDirectory.appending(path: UUID().uuidString)
    defer { try? FileManager.default.removeItem(at: root) }
    func write(_ text: String, _ name: String) throws {
      let file = root.appending(path: name)
      try FileManager.default.createDirectory(at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
      try text.write(to: file, atomically: false, encoding: .utf8)
    }
    func limit(_ groups: String) throws -> Int? {
      try write(groups, "groups")
      return MemoryBudget.controlGroupLimit(groups: root.appending(path: "groups").path(), root: root.path())
    }
    try write("3000\n", "a/memory.max")
    try write("max\n", "a/b/memory.max")
    try write("5000\n", "a/b/c/memory.max")
    #expect(try limit("0::/a/b/c\n") == 3000)
    #expect(try limit("0::/d\n") == nil)
    try write("700\n", "memory/x/memory.limit_in_bytes")
    try write("9223372036854771712\n", "memory/memory.limit_in_bytes")
    #expect(try limit("5:cpu,memory:/x/y\n0::/a\n4:pids:/z\n") == 700)
    #expect(try limit("5:memory:/\n") == 9_223_372_036_854_771_712)
    #expect(MemoryBudget.controlGroupLimit(groups: "/no/such/file", root: root.path()) == nil)
  }

  @Test func sizesAreWrittenShort() {
    for (bytes, text) in [
      (0, "0 bytes"), (999, "999 bytes"), (1000, "1.0 kB"), (9949, "9.9 kB"), (12_345_678, "12 MB"), (4.56e9, "4.6 GB"),
      (999_600, "1.0 MB"), (3.6e26, "360000000000 PB"),
    ] as [(Double, String)] {
      #expect(MemoryShortage.text(bytes) == text)
    }
  }

  @Test func stateThatNoMemoryHoldsIsRefused() throws {
    let layout = try ParameterLayout([("a", [100_000, 10])])
    let θ = ParameterVector<Float>(zeros: layout)
    for (make, name) in [
      ({ _ = try Optimizer(AdaShift<Float>(keep: 100_000_000), for: θ) }, "keep"),
      ({ _ = try Optimizer(Shampoo<Float>(maximumSide: 2_000_000), for: θ) }, "maximumSide"),
    ] as [(() throws -> Void, String)] {
      let error = #expect(throws: RuleError.self) { try make() }
      guard case .invalidOption(_, name, _) = error else {
        Issue.record("\(name): \(String(describing: error))")
        continue
      }
    }
    let wide = ParameterVector<Float>(zeros: try ParameterLayout([("a", [900_000])]))
    let error = #expect(throws: RuleError.self) {
      var rule = SOAP<Float>()
      rule.maximumSide = 1_000_000
      rule.rotateVectors = true
      _ = try Optimizer(rule, for: wide)
    }
    guard case .stateTooLarge("soap", _) = error else {
      Issue.record("\(String(describing: error))")
      return
    }
    #expect(error?.description.contains("13 TB of memory are needed") == true)
  }

  /// A state takes as much memory as stated before it is made.
  @Test func stateIsAsLargeAsSaid() throws {
    let θ = ParameterVector<Float>(zeros: try ParameterLayout([("a", [64, 32]), ("b", [64]), ("k", [3, 3, 8, 16])]))
    func check<Rule: TensorRule<Float>>(_ rule: Rule) throws {
      let optimizer = try Optimizer(rule, for: θ)
      let said = rule.stateByteCount(of: θ.layout)
      let taken = optimizer.stateBytesPerParameter * Double(θ.layout.parameterCount)
      #expect(abs(said - taken) < 0.01 * taken, "\(Rule.name): \(said) said, \(taken) taken")
    }
    try check(AdaShift<Float>(keep: 7))
    try check(Shampoo<Float>())
    try check(Shampoo<Float>(form: .matrix))
    try check(SOAP<Float>())
    try check(SOAP<Float>(form: .matrix))
  }

  @Test func layoutsBeyondAllMemoryAreRefused() throws {
    let error = #expect(throws: LayoutError.self) { try ParameterLayout([("a", [1 << 30, 1 << 30])]) }
    #expect(error == .tooLarge(name: "a", shape: [1 << 30, 1 << 30]))
    #expect(throws: LayoutError.tooLarge(name: "3", shape: [1 << 46])) {
      try ParameterLayout((0..<8).map { ("\($0)", [1 << 46]) })
    }
    #expect(throws: LayoutError.invalidShape(name: "a", shape: [1, 0])) { try ParameterLayout([("a", [1, 0])]) }
  }
}
