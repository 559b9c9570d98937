import Descent

/// The methods that can be chosen by name.
public enum Catalogue {
  /// All methods, by name.
  public static let methods = (gradientDescentFamily + adaGradFamily + adamFamily + tensorFamily + matrixFamily).sorted
  {
    $0.name < $1.name
  }

  /// The method called `name` (case, hyphens and spaces are ignored), with the settings it is to be given.
  ///
  /// `sgd` with the option `momentum`, or `nesterov=true`, is the method of that name.
  /// - Throws: ``MethodError`` with the nearest name.
  public static func method(
    named name: String, settings: [(name: String, value: String)] = []
  ) throws(MethodError) -> (method: Method, settings: [(name: String, value: String)]) {
    var key = name.lowercased().filter { $0 != "-" && $0 != "_" && !$0.isWhitespace }
    var settings = settings
    if key == "sgd" {
      let isNesterov = settings.contains { $0.name.lowercased() == "nesterov" && $0.value.lowercased() == "true" }
      if isNesterov {
        key = "nesterov"
      } else if settings.contains(where: { $0.name.lowercased() == "momentum" && Double($0.value) != 0 }) {
        key = "momentum"
      } else {
        settings.removeAll { $0.name.lowercased() == "momentum" }
      }
      settings.removeAll { $0.name.lowercased() == "nesterov" && Bool($0.value.lowercased()) != nil }
    }
    guard let method = methods.first(where: { $0.name == key }) else {
      let names = methods.map(\.name)
      throw MethodError(name: name, nearest: nearestName(to: key, among: names), known: names)
    }
    return (method, settings)
  }
}

/// There is no method of that name.
public struct MethodError: Error, Hashable, CustomStringConvertible {
  public let name: String
  public let nearest: String?
  public let known: [String]

  public var description: String {
    "there is no optimizer '\(name)'"
      + (nearest.map { "; did you mean '\($0)'?" } ?? "; there are: \(known.joined(separator: ", "))")
  }
}
