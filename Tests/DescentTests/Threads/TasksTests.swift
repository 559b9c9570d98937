import Synchronization
import Testing

@testable import Descent

@Suite struct TasksTests {
  @Test(arguments: [1, 2, 5]) func eachTaskRunsOnce(threads: Int) {
    for count in [0, 1, 2, 100] {
      let runs = Mutex([Int](repeating: 0, count: count))
      forEachTask(count, threads: threads) { task in runs.withLock { $0[task] += 1 } }
      #expect(runs.withLock { $0.allSatisfy { $0 == 1 } })
    }
  }

  /// However many threads wait for others, each works through its own tasks, so none waits for ever.
  @Test func tasksRunTasks() {
    let sum = Mutex(0)
    forEachTask(40, threads: 40) { i in
      forEachTask(10, threads: 8) { j in
        forEachTask(3, threads: 2) { k in sum.withLock { $0 += i * j * k } }
      }
    }
    #expect(sum.withLock { $0 } == 780 * 45 * 3)
  }
}
