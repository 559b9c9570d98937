import CLanes

extension RandomStream {
  /// Fills `words` with 32-bit words, four to a block, and moves past the last block used.
  public mutating func fillWords(_ words: UnsafeMutableBufferPointer<UInt32>) {
    guard let start = words.baseAddress else { return }
    writeWords(from: 0, to: start, count: words.count)
    skipWords(words.count)
  }

  /// Writes `count` of the words that ``fillWords(_:)`` would give, from number `first` on, a multiple of 4. So
  /// several threads can write parts of one filling.
  package func writeWords(from first: Int, to words: UnsafeMutablePointer<UInt32>, count: Int) {
    let counter = nextBlock &+ UInt64(first / 4)
    let blocks = count / 4
    lanes_philox(counter, index, key, words, blocks)
    let rest = count - blocks * 4
    guard rest > 0 else { return }
    withUnsafeTemporaryAllocation(of: UInt32.self, capacity: 4) { block in
      lanes_philox(counter &+ UInt64(blocks), index, key, block.baseAddress!, 1)
      (words + blocks * 4).update(from: block.baseAddress!, count: rest)
    }
  }

  /// Moves on as far as ``fillWords(_:)`` does for `count` words.
  package mutating func skipWords(_ count: Int) { position = (nextBlock &+ UInt64((count + 3) / 4)) &* 2 }

  /// Fills `buffer` with numbers in [0, 1), multiples of 2⁻²⁴: four to a block.
  public mutating func fillUniform(_ buffer: UnsafeMutableBufferPointer<Float>) {
    guard let start = buffer.baseAddress else { return }
    let words = UnsafeMutableRawPointer(start).assumingMemoryBound(to: UInt32.self)
    fillWords(UnsafeMutableBufferPointer(start: words, count: buffer.count))
    for i in buffer.indices { start[i] = Float(Int32(bitPattern: words[i] >> 8)) * 0x1p-24 }
  }

  /// Fills `buffer` with numbers from N(0, 1) (Box and Muller's transform in single precision; four to a block).
  ///
  /// Made of operations that IEEE 754 rounds exactly: the same bits on every machine.
  public mutating func fillNormal(_ buffer: UnsafeMutableBufferPointer<Float>) {
    guard let start = buffer.baseAddress else { return }
    let group = 32
    let groups = buffer.count / group
    let whole = groups * group
    fill(UnsafeMutableRawPointer(start), groups: groups)
    guard whole < buffer.count else { return }
    withUnsafeTemporaryAllocation(of: Float.self, capacity: group) { last in
      fill(UnsafeMutableRawPointer(last.baseAddress!), groups: 1)
      (start + whole).update(from: last.baseAddress!, count: buffer.count - whole)
    }
  }

  private mutating func fill(_ memory: UnsafeMutableRawPointer, groups: Int) {
    lanes_philox(nextBlock, index, key, memory.assumingMemoryBound(to: UInt32.self), groups * 8)
    lanes_normals(memory, groups)
    skipWords(groups * 32)
  }

  /// The first block from which nothing has been drawn.
  private var nextBlock: UInt64 { (position &+ 1) / 2 }
}
