/// A floating-point type that parameters can be stepped in.
public enum Precision: String, CaseIterable, Codable, Sendable {
  case float, double

  /// The type's name in NumPy and torch.
  var numPyName: String {
    switch self {
    case .float: "float32"
    case .double: "float64"
    }
  }
}
