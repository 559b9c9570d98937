import Descent

/// The reason for which a run is refused or stops, unless a part of the run throws its own error.
///
/// The text names what is at fault and the remedy.
public enum RunError: Error, Hashable, CustomStringConvertible {
  /// A name of an optimizer, model, data set or the like that does not exist.
  case unknown(UnknownName)
  /// An option of the command line: its name, the given value, and the values that it takes.
  case invalidOption(String, value: String, allowed: String)
  /// Options that contradict each other.
  case conflict(String)
  /// A model and a data set that do not go together.
  case mismatch(String)
  case noCheckpoint(String)
  case unreadableCheckpoint(String, reason: String)
  case diverged(epoch: Int, step: Int, reason: String)
  /// A data set without examples to evaluate on.
  case noExamples(String, split: String)

  public var description: String {
    switch self {
    case .unknown(let name): "\(name)"
    case .invalidOption(let option, let value, let allowed): "\(option) is '\(value)', but must be \(allowed)"
    case .conflict(let message): message
    case .mismatch(let message): message
    case .noCheckpoint(let path): "there is no checkpoint '\(path)': train first, or give the folder of another run"
    case .unreadableCheckpoint(let path, let reason):
      "checkpoint '\(path)' cannot be used: \(reason); restore the file, or remove it to start the run again"
    case .diverged(let epoch, let step, let reason): "training diverged in epoch \(epoch), step \(step): \(reason)"
    case .noExamples(let data, let split):
      "'\(data)' has no \(split) examples to evaluate on: give another --data, or --split \(split == "test" ? "train" : "test")"
    }
  }
}
