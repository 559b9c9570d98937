import Descent
import Dispatch
import Foundation

/// The memory traffic of an element-wise step without its arithmetic. θ, the gradient and the state are read, and θ
/// and the state are written in place, as the driver of the rules does it.
///
/// The same bits are written back. A mask, which is zero but unknown to the compiler, keeps the compiler from leaving
/// out the writes. The step of a rule with as much state cannot be faster than this, but for what the arithmetic hides.
public final class StepFloor {
  typealias Words = SIMD16<UInt32>

  /// State vectors beside θ and the gradient.
  let slots: Int
  /// Whether the gradient is read once more before the step, as for its norm.
  let readsGradientTwice: Bool
  private let laneCount: Int
  private let threads: Int
  private let θ, g, state: UnsafeMutablePointer<Words>
  private let mask: Words
  private let sink: UnsafeMutablePointer<Words>

  /// - Parameters:
  ///   - parameters: Elements of `Float`, at least 1.
  ///   - slots: State vectors, 0 or more.
  ///   - threads: At least 1; vectors of fewer than 100,000 elements use a single thread.
  ///   - readsGradientTwice: Whether the gradient is read once more before the step.
  public init(parameters: Int, slots: Int, threads: Int, readsGradientTwice: Bool = false) {
    self.slots = slots
    self.readsGradientTwice = readsGradientTwice
    laneCount = (parameters + 15) / 16
    self.threads = parameters < 100_000 ? 1 : threads
    θ = Self.allocate(laneCount)
    g = Self.allocate(laneCount)
    state = Self.allocate(laneCount * slots)
    sink = Self.allocate(threads)
    mask = Words(repeating: getpid() < 0 ? 1 : 0)
  }

  deinit { for memory in [θ, g, state, sink] { UnsafeMutableRawPointer(memory).deallocate() } }

  /// The value of every byte of the memory.
  private static let content: UInt8 = 0x3C

  /// Whether θ, gradient and state are still as they were at first.
  var isUnchanged: Bool {
    [(θ, laneCount), (g, laneCount), (state, laneCount * slots)].allSatisfy { memory, count in
      UnsafeRawBufferPointer(UnsafeBufferPointer(start: memory, count: count)).allSatisfy { $0 == Self.content }
    }
  }

  private static func allocate(_ count: Int) -> UnsafeMutablePointer<Words> {
    let byteCount = max(1, count) * MemoryLayout<Words>.stride
    let raw = allocateLanes(byteCount: byteCount)
    raw.initializeMemory(as: UInt8.self, repeating: content, count: byteCount)
    return raw.bindMemory(to: Words.self, capacity: max(1, count))
  }

  /// The number of bytes that are read and written for each parameter.
  public static func bytesPerParameter(slots: Int, readsGradientTwice: Bool = false) -> Int {
    // θ and each slot are read and written; g is only read.
    8 + (readsGradientTwice ? 8 : 4) + 8 * slots
  }

  /// Makes the memory traffic of one step.
  public func step() {
    if readsGradientTwice { inParts { [self] part, lanes in read(lanes, part) } }
    inParts { [self] _, lanes in update(lanes) }
  }

  /// Divides the elements among threads as the driver of the rules does.
  private func inParts(_ body: (_ part: Int, _ lanes: Range<Int>) -> Void) {
    guard threads > 1 else { return body(0, 0..<laneCount) }
    let share = (laneCount + threads - 1) / threads
    withoutActuallyEscaping(body) { body in
      nonisolated(unsafe) let body = body
      let count = laneCount
      DispatchQueue.concurrentPerform(iterations: threads) { part in
        body(part, min(part * share, count)..<min((part + 1) * share, count))
      }
    }
  }

  @inline(never)
  private func read(_ lanes: Range<Int>, _ part: Int) {
    let g = g
    var sum = Words.zero
    for i in lanes { sum |= g[i] }
    sink[part] = sum
  }

  private func update(_ lanes: Range<Int>) {
    // With a constant number of slots the compiler unrolls the loop over them, as it does for a rule.
    switch slots {
    case 0: update(lanes, 0)
    case 1: update(lanes, 1)
    case 2: update(lanes, 2)
    case 3: update(lanes, 3)
    case 4: update(lanes, 4)
    case 5: update(lanes, 5)
    case 6: update(lanes, 6)
    default: update(lanes, slots)
    }
  }

  @inline(__always)
  private func update(_ lanes: Range<Int>, _ slots: Int) {
    let (θ, g, state, mask) = (θ, g, state, mask)
    for i in lanes {
      θ[i] ^= g[i] & mask
      for j in 0..<slots { state[i * slots + j] ^= mask }
    }
  }
}
