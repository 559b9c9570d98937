import Descent
import Foundation
import Testing

@testable import DescentNetworks

@Suite struct EngineTests {
  static let noise = RandomStream(seed: 9, name: "noise")

  /// A network with every sort of layer.
  static func model() throws -> Classifier {
    try Classifier(
      inputShape: [8, 8, 1],
      layers: [
        Convolution(6, window: 3, activation: .relu), MaxPooling(3, stride: 2, padding: .symmetric(1)),
        Convolution(5, window: 3, activation: .tanh), AveragePooling(2), Flatten(), Dropout(0.3),
        Dense(40, activation: .softplus), Dense(3),
      ])
  }

  static func batch(_ count: Int) -> Batch {
    randomBatch([count, 8, 8, 1], labels: (0..<Int32(count)).map { $0 % 3 })
  }

  /// θ after `steps` steps of gradient descent.
  static func trained(_ steps: Int, threadCount: Int, engine: Engine? = nil) throws -> ParameterVector<Float> {
    let model = try model()
    let engine = engine ?? Engine(threadCount: threadCount)
    var θ = model.initialParameters(seed: 1)
    var g = ParameterVector<Float>(zeros: model.layout)
    for step in 0..<steps {
      _ = try engine.gradient(of: model, batch(33), at: θ, into: &g, noise: noise.substream(UInt64(step)))
      θ.withUnsafeMutableElements { θ in
        g.withUnsafeElements { g in for i in θ.indices { θ[i] -= 0.1 * g[i] } }
      }
    }
    return θ
  }

  @Test(arguments: [1, 2])
  func sameSeedAndThreadCountGiveTheSameBits(_ threadCount: Int) throws {
    let first = try Self.trained(20, threadCount: threadCount)
    let engine = Engine(threadCount: threadCount)
    #expect(try Self.trained(20, threadCount: threadCount, engine: engine) == first)
    // The pool now hands out its memory in another order.
    #expect(try Self.trained(20, threadCount: threadCount, engine: engine) == first)
  }

  @Test func servesAnyThreadInTurn() async throws {
    // Concurrency moves work between threads; an engine's state must not belong to one of them.
    let here = try Self.trained(3, threadCount: 2)
    let engine = Engine(threadCount: 2)
    _ = try Self.trained(1, threadCount: 2, engine: engine)
    nonisolated(unsafe) let shared = engine
    let there = try await withCheckedThrowingContinuation { (continuation: CheckedContinuation<_, any Error>) in
      Thread.detachNewThread {
        continuation.resume(with: Result { try Self.trained(3, threadCount: 2, engine: shared) })
      }
    }
    #expect(there == here)
  }

  @Test func memoryStaysFlat() throws {
    let model = try Classifier(
      inputShape: [4, 4, 1],
      layers: [
        Convolution(2, window: 3, activation: .relu), MaxPooling(2), Flatten(), Dropout(0.5),
        Dense(8, activation: .relu), Dense(2),
      ])
    let engine = Engine(threadCount: 1)
    let θ = model.initialParameters(seed: 1)
    var g = ParameterVector<Float>(zeros: model.layout)
    let batch = randomBatch([4, 4, 4, 1], labels: [0, 1, 0, 1])
    func steps(_ range: Range<Int>) throws {
      for step in range {
        _ = try engine.gradient(of: model, batch, at: θ, into: &g, noise: Self.noise.substream(UInt64(step)))
        if step % 10 == 0 { _ = try engine.evaluate(model, batch, at: θ) }
      }
    }
    try steps(0..<1)
    let pooled = engine.memoryByteCount
    try steps(1..<1000)
    let resident = residentByteCount()
    try steps(1000..<10_000)
    #expect(engine.memoryByteCount == pooled)
    // Other tests run at the same time, so the process may grow a little.
    if let resident, let now = residentByteCount() { #expect(now - resident < 64 << 20) }
  }

  @Test func lastBatchOfAnEpochSharesTheMemory() throws {
    let model = try Self.model()
    let engine = Engine()
    let θ = model.initialParameters(seed: 1)
    for count in [64, 63, 61, 64] { _ = try engine.evaluate(model, Self.batch(count), at: θ) }
    let alone = Engine()
    _ = try alone.evaluate(model, Self.batch(64), at: θ)
    #expect(engine.memoryByteCount < 2 * alone.memoryByteCount)
  }

  @Test func evaluationAgreesWithTraining() throws {
    let model = try Classifier(inputShape: [8, 8, 1], layers: [Convolution(3, window: 3), Flatten(), Dense(3)])
    let θ = model.initialParameters(seed: 1)
    var g = ParameterVector<Float>(zeros: model.layout)
    let engine = Engine()
    let trained = try engine.gradient(of: model, Self.batch(9), at: θ, into: &g, noise: Self.noise)
    #expect(try engine.evaluate(model, Self.batch(9), at: θ) == trained)
  }

  @Test func vectorsOfAnotherModelAreRefused() throws {
    let model = try Self.model()
    let other = try Classifier(inputShape: [8], layers: [Dense(3)])
    let θ = model.initialParameters(seed: 1)
    var g = ParameterVector<Float>(zeros: other.layout)
    #expect(throws: NetworkError.self) {
      try Engine().gradient(of: model, Self.batch(3), at: θ, into: &g, noise: Self.noise)
    }
    let error = #expect(throws: NetworkError.self) { try Engine().evaluate(model, Self.batch(3), at: g) }
    #expect(error?.description.contains("convolution1.weight") == true)
  }
}

/// This process's memory in use; nil if the system does not tell.
private func residentByteCount() -> Int? {
  guard let text = try? String(contentsOfFile: "/proc/self/statm", encoding: .utf8),
    let pages = text.split(separator: " ").dropFirst().first.flatMap({ Int($0) })
  else { return nil }
  return pages * Int(sysconf(Int32(_SC_PAGESIZE)))
}
