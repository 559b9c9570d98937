/// How much of an experiment is done.
public enum ReproductionScale: String, Codable, Sendable {
  /// Scaled down, to under three minutes.
  case quick
  /// What the pages show: as published where it can be, in an hour at most.
  case full
  /// As many epochs as published, where that takes hours.
  case long

  /// The option that asks for it: " --quick".
  var option: String { self == .full ? "" : " --\(rawValue)" }
}
