/// The reason for which a replay is refused or stops. The text names the file or option at fault and the remedy.
public enum ReplayError: Error, Hashable, CustomStringConvertible {
  /// A file that cannot be used; then the reason and the remedy.
  case file(String, String)
  /// Tensors whose names are not those of the initial values.
  case names(String, missing: [String], extra: [String], initial: String)
  /// `expected` begins with the number of rows, or `T` for any.
  case shape(String, tensor: String, found: [Int], expected: [String], remedy: String)
  /// The value of `--axes`, and what is wrong with it.
  case axes(String, problem: String)
  /// The number of a step that failed, and the reason.
  case step(Int, String)
  /// `--evaluated` was given for a method that evaluates at θ itself.
  case noAverage(method: String)
  /// Neither `--output` nor `--against` was given.
  case noPurpose
  case interrupted

  public var description: String {
    switch self {
    case .file(let path, let problem): "'\(path)': \(problem)"
    case .names(let path, let missing, let extra, let initial):
      "'\(path)': "
        + [
          missing.isEmpty ? nil : "it lacks \(missing.joined(separator: ", "))",
          extra.isEmpty ? nil : "it has \(extra.joined(separator: ", "))",
        ].compactMap(\.self).joined(separator: " and ") + ": use the names of '\(initial)'"
    case .shape(let path, let tensor, let found, let expected, let remedy):
      "'\(path)': '\(tensor)' has shape \(found) instead of [\(expected.joined(separator: ", "))]: \(remedy)"
    case .axes(let text, let problem): "--axes '\(text)': \(problem)"
    case .step(let step, let problem): "step \(step): \(problem)"
    case .noAverage(let method): "'\(method)' keeps no average to evaluate at: leave --evaluated, or give --average"
    case .noPurpose: "a replay without a result: give --output, or --against, or both"
    case .interrupted: "interrupted: nothing was written"
    }
  }
}
