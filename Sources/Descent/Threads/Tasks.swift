import Dispatch
import Synchronization

/// Runs `body` for each of the tasks 0, …, `count` − 1, on at most `threads` threads, including the caller's.
///
/// The division into tasks may depend on the work's size alone, never on the number of threads, and no task may touch
/// what another writes: the bits are then the same for every number of threads.
///
/// Tasks may themselves run tasks. That is why this is not `concurrentPerform`, which gives a nested call only one
/// thread. Here the caller works through the tasks itself, and free threads take some of them.
@inline(__always)
@usableFromInline
func forEachTask(_ count: Int, threads: Int, _ body: @escaping (_ task: Int) -> Void) {
  guard threads > 1, count > 1 else {
    for task in 0..<count { body(task) }
    return
  }
  TaskQueue(count, body).run(threads: min(threads, count))
}

/// Tasks that several threads take one after the other.
private final class TaskQueue: Sendable {
  private let count: Int
  private nonisolated(unsafe) let body: (Int) -> Void
  private let next = Atomic(0)
  private let done = Atomic(0)
  private let isDone = DispatchSemaphore(value: 0)

  init(_ count: Int, _ body: @escaping (Int) -> Void) {
    self.count = count
    self.body = body
  }

  func run(threads: Int) {
    for _ in 1..<threads { DispatchQueue.global().async { self.work() } }
    work()
    // Waits for tasks that other threads have begun: the thread that ends the last task signals.
    isDone.wait()
  }

  private func work() {
    while true {
      let task = next.add(1, ordering: .relaxed).oldValue
      guard task < count else { return }
      body(task)
      if done.add(1, ordering: .acquiringAndReleasing).newValue == count { isDone.signal() }
    }
  }
}
