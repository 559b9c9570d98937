import Descent

extension Catalogue {
  /// Methods that see the shape of a parameter, or all parameters at once.
  static let tensorFamily: [Method] = []
}
