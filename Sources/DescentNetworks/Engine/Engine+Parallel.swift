import Descent
import COneDNN

extension Engine {
  /// Calls `body` with 0..<count in chunks, in any order, on the threads that the engine's operations run on.
  ///
  /// What is computed must not depend on the order; the chunks do not depend on the number of threads.
  ///
  /// - Parameter grain: Length of a chunk, a multiple of a lane's.
  func inParallel(_ count: Int, grain: Int = Engine.grain, _ body: (_ chunk: Range<Int>) -> Void) {
    let chunkCount = (count + grain - 1) / grain
    func run(_ chunk: Int) { body(chunk * grain..<min(count, (chunk + 1) * grain)) }
    // To wake another thread costs as much as two chunks.
    guard threadCount > 1, chunkCount > 2 else {
      for chunk in 0..<chunkCount { run(chunk) }
      return
    }
    withoutActuallyEscaping(run) { run in
      withUnsafePointer(to: run) { context in
        onednn_parallel(
          Int32(chunkCount),
          { context, chunk in context!.assumingMemoryBound(to: ((Int) -> Void).self).pointee(Int(chunk)) },
          UnsafeMutableRawPointer(mutating: context))
      }
    }
  }

  /// The same for the rows of a matrix of `columns`, several in a chunk.
  func inParallel(rows: Int, columns: Int, _ body: (_ rows: Range<Int>) -> Void) {
    inParallel(rows, grain: max(1, Self.grain / columns), body)
  }

  /// Σ body(i)[j] over `count` elements, in double precision and an order that depends on `count` alone; body is called at
  /// the start of each lane.
  @inline(__always)
  func sum(_ count: Int, _ body: (_ i: Int) -> Lane) -> Double {
    withTemporaryMemory(of: Double.self, count: count / Self.grain + 1) { parts in
      parts.initialize(repeating: 0)
      inParallel(count) { chunk in parts[chunk.lowerBound / Self.grain] = Lanes.sum(chunk, body) }
      return parts.reduce(0, +)
    }
  }

  /// Elements of a chunk: it stays in the nearest cache with what is computed from it.
  static let grain = 4096
}
