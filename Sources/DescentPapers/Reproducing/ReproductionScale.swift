/// The form in which an experiment is repeated.
public enum ReproductionScale: String, Codable, Sendable {
  /// Scaled down to under three minutes.
  case quick
  /// The form that the pages show: as published if that is possible in an hour at most.
  case full
  /// With as many epochs as published, for experiments that take hours.
  case long

  /// The option for this form, after a space: " --quick".
  var option: String { self == .full ? "" : " --\(rawValue)" }
}
