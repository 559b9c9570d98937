import Descent
import Dispatch
import Foundation

/// The memory traffic of an element-wise step without its arithmetic: θ, the gradient and the state are read, θ and the
/// state are written in place, as the driver of the rules does it.
///
/// What is written are the bits that were there, by way of a mask that is zero, but that the compiler does not know. The
/// step of a rule with as much state cannot be faster than this, but for what the arithmetic hides.
public final class StepFloor {
  typealias Words = SIMD16<UInt32>

  /// State vectors beside θ and the gradient.
  let slots: Int
  /// Whether the gradient is read once more before, as its norm needs.
  let readsGradientTwice: Bool
  private let laneCount: Int
  private let threads: Int
  private let θ, g, state: UnsafeMutablePointer<Words>
  private let mask: Words
  private let sink: UnsafeMutablePointer<Words>

  /// - Parameters:
  ///   - parameters: Elements of `Float`, at least 1.
  ///   - slots: State vectors, 0 or more.
  ///   - threads: At least 1; vectors of fewer than 100,000 elements are left to one.
  ///   - readsGradientTwice: Whether the gradient is read once more before.
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

  /// What every byte of the memory is.
  private static let content: UInt8 = 0x3C

  /// Whether θ, gradient and state are what they were.
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

  /// Bytes that are read and written for each parameter.
  public static func bytesPerParameter(slots: Int, readsGradientTwice: Bool = false) -> Int {
    // θ in and out, g in, each slot in and out.
    8 + (readsGradientTwice ? 8 : 4) + 8 * slots
  }

  /// One step's traffic.
  public func step() {
    if readsGradientTwice { inParts { [self] part, lanes in read(lanes, part) } }
    inParts { [self] _, lanes in update(lanes) }
  }

  /// The same shares that the driver of the rules makes.
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
    // With the number of slots known, the loop over them is unrolled, as the compiler does with a rule's.
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
