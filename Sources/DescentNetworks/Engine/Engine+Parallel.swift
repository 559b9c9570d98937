import Descent
import COneDNN

extension Engine {
  /// Calls `body` with chunks of 0..<count, in any order, on the threads that run the engine's operations.
  ///
  /// The result must not depend on the order. The chunks do not depend on the number of threads.
  ///
  /// - Parameter grain: Length of a chunk, a multiple of a lane's length.
  func inParallel(_ count: Int, grain: Int = Engine.grain, _ body: (_ chunk: Range<Int>) -> Void) {
    let chunkCount = (count + grain - 1) / grain
    func run(_ chunk: Int) { body(chunk * grain..<min(count, (chunk + 1) * grain)) }
    // Waking another thread costs as much as two chunks.
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

  /// Does the same for the rows of a matrix with `columns` columns, several rows in a chunk.
  func inParallel(rows: Int, columns: Int, _ body: (_ rows: Range<Int>) -> Void) {
    inParallel(rows, grain: max(1, Self.grain / columns), body)
  }

  /// Σ body(i)[j] over `count` elements, in double precision and in an order that depends on `count` alone; `body` is
  /// called once for each lane, with its start i.
  @inline(__always)
  func sum(_ count: Int, _ body: (_ i: Int) -> Lane) -> Double {
    withTemporaryMemory(of: Double.self, count: count / Self.grain + 1) { parts in
      parts.initialize(repeating: 0)
      inParallel(count) { chunk in parts[chunk.lowerBound / Self.grain] = Lanes.sum(chunk, body) }
      return parts.reduce(0, +)
    }
  }

  /// Elements of a chunk: few enough that the chunk and its results stay in the nearest cache.
  static let grain = 4096
}
