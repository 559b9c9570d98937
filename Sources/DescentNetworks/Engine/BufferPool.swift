import Descent

/// Keeps memory for tensors and reuses it, because fresh pages cost more than the arithmetic on them.
final class BufferPool {
  private var free: [Int: [UnsafeMutablePointer<Float>]] = [:]
  /// Bytes taken from the system so far: constant once every shape has occurred.
  private(set) var allocatedBytes = 0

  /// A buffer of at least `count` elements, whose values are unspecified.
  func buffer(count: Int) -> Buffer {
    let capacity = Self.capacity(for: count)
    if let memory = free[capacity]?.popLast() { return Buffer(memory, capacity: capacity, pool: self) }
    let byteCount = capacity * MemoryLayout<Float>.stride
    allocatedBytes += byteCount
    let raw = allocateLanes(byteCount: byteCount)
    // Whole lanes are read at a tensor's end, so the memory there must hold numbers.
    raw.initializeMemory(as: UInt8.self, repeating: 0, count: byteCount)
    return Buffer(raw.assumingMemoryBound(to: Float.self), capacity: capacity, pool: self)
  }

  fileprivate func reclaim(_ memory: UnsafeMutablePointer<Float>, capacity: Int) {
    free[capacity, default: []].append(memory)
  }

  deinit {
    for memory in free.values.joined() { UnsafeMutableRawPointer(memory).deallocate() }
  }

  /// Sizes are rounded up to an eighth of a power of two, so that batches of nearly the same size share buffers.
  private static func capacity(for count: Int) -> Int {
    let lanes = max(8, (count + 15) / 16)
    let step = 1 << max(0, Int.bitWidth - lanes.leadingZeroBitCount - 4)
    return (lanes + step - 1) / step * step * 16
  }
}

/// A piece of the pool's memory, 64-byte aligned and in whole lanes. It returns to the pool when its last owner goes.
final class Buffer {
  let elements: UnsafeMutablePointer<Float>
  private let capacity: Int
  private let pool: BufferPool

  fileprivate init(_ elements: UnsafeMutablePointer<Float>, capacity: Int, pool: BufferPool) {
    self.elements = elements
    self.capacity = capacity
    self.pool = pool
  }

  deinit { pool.reclaim(elements, capacity: capacity) }
}
