import Synchronization

/// Remembers the latest value of each recurrence over the steps 1, 2, …, t, so that the next value costs one term.
///
/// A value is a pure function of key and t: it is computed from step 1 in the order of the steps, whatever was asked
/// for before. The memory is not part of the state of the rule that holds it: it is neither stored nor compared, and
/// copies of the rule share it.
final class StepMemo<Key: Hashable & Sendable, Value: Sendable>: Sendable {
  private let latest = Mutex<[Key: (t: Int, value: Value)]>([:])
  /// Groups of parameters with options of their own have a key each.
  private let capacity = 64

  /// The value after step t of the recurrence `next` from `start`.
  func value(at t: Int, of key: Key, from start: Value, next: (Value, _ step: Int) -> Value) -> Value {
    latest.withLock { latest in
      var (done, value) = latest[key] ?? (0, start)
      if done > t { (done, value) = (0, start) }
      while done < t {
        done += 1
        value = next(value, done)
      }
      if latest.count >= capacity && latest[key] == nil { latest.removeAll() }
      latest[key] = (done, value)
      return value
    }
  }
}
