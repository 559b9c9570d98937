import Descent

/// The methods that can be chosen by name.
public enum Catalogue {
  /// All methods that step by gradients alone, by name.
  public static let methods = [gradientDescentFamily, adaGradFamily, adamFamily, tensorFamily, matrixFamily]
    .joined().sorted { $0.name < $1.name }

  /// The methods that ask their objective for more than a gradient, by name.
  public static let objectiveMethods = (objectiveFamily + curvatureFamily).sorted { $0.name < $1.name }

  /// The methods that ask a finite sum for more than one gradient a step, by name.
  public static let sumMethods = sumFamily.sorted { $0.name < $1.name }

  /// All of them, by name.
  public static let all = (methods + objectiveMethods + sumMethods).sorted { $0.name < $1.name }

  /// The method called `name` (case, hyphens and spaces are ignored), with the settings to give it.
  ///
  /// Options can choose the method: `sgd` with `momentum` is `momentum`, with `nesterov=true` as well it is
  /// `nesterov`; `rmsprop` with `momentum` is `rmspropmomentum`, with `centered=true` it is `centeredrmsprop`.
  /// `vsgdg` is `vsgdb` with one step size for all; `blockshampoo` is `shampoo` with Distributed Shampoo's options: blocks of 1024, and Adam's norms.
  /// - Throws: ``MethodError``, with the nearest name if there is no such method.
  public static func method(
    named name: String, settings: [(name: String, value: String)] = []
  ) throws(MethodError) -> (method: Method, settings: [(name: String, value: String)]) {
    var key = Names.canonical(name)
    var settings = settings
    func take(_ flag: String) -> Bool {
      let isSet = settings.contains { Names.canonical($0.name) == flag && $0.value.lowercased() == "true" }
      settings.removeAll { Names.canonical($0.name) == flag && Bool($0.value.lowercased()) != nil }
      return isSet
    }
    func takeZeroMomentum() -> Bool {
      let isZero = !settings.contains { Names.canonical($0.name) == "momentum" && Double($0.value) != 0 }
      if isZero { settings.removeAll { Names.canonical($0.name) == "momentum" } }
      return isZero
    }
    switch key {
    case "sgd":
      if take("nesterov") {
        guard !takeZeroMomentum() else {
          throw .withoutEffect(method: key, option: "nesterov", needs: "a momentum above 0, such as momentum=0.9")
        }
        key = "nesterov"
      } else if !takeZeroMomentum() {
        key = "momentum"
      }
    case "rmsprop":
      if take("centered") {
        key = "centeredrmsprop"
      } else if !takeZeroMomentum() {
        key = "rmspropmomentum"
      }
    default:
      if let other = namedOptions[key] {
        key = other.method
        let given = Set(settings.map { Names.canonical(Names.full($0.name)) })
        settings = other.options.filter { !given.contains(Names.canonical($0.name)) } + settings
      }
    }
    guard let method = all.first(where: { $0.name == key }) else {
      throw .unknown(UnknownName(name, kind: "optimizer", known: all.map(\.name)))
    }
    return (method, settings)
  }

  /// Options that choose another method, as examples, by the method's name: ``method(named:settings:)``.
  package static let choosingOptions: [String: [[(name: String, value: String)]]] = [
    "sgd": [[("momentum", "0.9")], [("momentum", "0.9"), ("nesterov", "true")]],
    "rmsprop": [[("momentum", "0.9")], [("centered", "true")]],
  ]

  /// Names of a method with some of its options.
  ///
  /// `blockshampoo` is that of Shi et al. 2023: blocks of at most 1024 with a root for each side, and each block's step with
  /// the norm of Adam's.
  private static let namedOptions: [String: (method: String, options: [(name: String, value: String)])] = [
    "blockshampoo": (
      "shampoo",
      [
        ("learningRate", "0.001"), ("beta1", "0.9"), ("beta2", "0.999"), ("epsilon", "1e-12"),
        ("preconditionEvery", "100"), ("form", "merged"), ("maximumSide", "1024"), ("grafting", "adam"),
      ]
    ),
    "vsgdg": ("vsgdb", [("blocks", "all")]),
  ]
}

/// Why a method is refused by name.
public enum MethodError: Error, Hashable, CustomStringConvertible {
  /// There is no method of that name.
  case unknown(UnknownName)
  /// An option that chooses a method, and changes nothing unless others are set.
  case withoutEffect(method: String, option: String, needs: String)

  /// A step of the method sees more than single elements, so it has no equations of single elements.
  case notElementwise(method: String, kind: Method.Kind)

  public var description: String {
    switch self {
    case .notElementwise(let method, let kind):
      "\(method) is no element-wise method: a step sees "
        + kind.description
        + "; only methods that step every element for itself can be explained (descent list optimizers \(method) tells its "
        + "paper and options)"
    case .unknown(let name): "\(name)"
    case .withoutEffect(let method, let option, let needs):
      "\(method): \(option) has no effect without \(needs): set that too, or leave \(option) out"
    }
  }
}
