/// Where the scalars, the choices and the numbers of a rule's coefficients lie in their memory, and what they are called.
///
/// Found once by reflection; reading the coefficients of a step then takes no time to speak of.
struct CoefficientFields<Base: LaneScalar>: Sendable {
  /// What a coefficient is.
  enum Kind: Sendable {
    /// A scalar that lanes are combined with: an input of the graph.
    case scalar
    /// A choice between two graphs.
    case flag
    /// A number in `Double` that is part of the graph: an exponent.
    case number
  }

  struct Field: Sendable {
    let name: String
    let kind: Kind
    let offset: Int
  }

  private(set) var fields: [Field] = []

  /// - Throws: `RuleError/cannotBeTraced(rule:reason:)` if the coefficients hold anything else.
  init<Coefficients>(of coefficients: Coefficients, rule: String) throws(RuleError) {
    guard _isPOD(Coefficients.self) else {
      throw .cannotBeTraced(rule: rule, reason: "its coefficients refer to other memory")
    }
    let end = try add(coefficients, name: "", at: 0, rule)
    guard end <= MemoryLayout<Coefficients>.size else {
      throw .cannotBeTraced(rule: rule, reason: "the layout of its coefficients is not known")
    }
  }

  /// Adds what `value`, which begins at `start`, consists of.
  /// - Returns: Where it ends.
  private mutating func add(_ value: Any, name: String, at start: Int, _ rule: String) throws(RuleError) -> Int {
    let kind: Kind? = value is Traced<Base> ? .scalar : value is Bool ? .flag : value is Double ? .number : nil
    if let kind {
      fields.append(Field(name: name, kind: kind, offset: start))
      return start + Self.layout(of: value).size
    }
    let mirror = Mirror(reflecting: value)
    guard mirror.displayStyle == .struct || mirror.displayStyle == .tuple else {
      throw .cannotBeTraced(
        rule: rule, reason: "its coefficient \(name) is neither a scalar, nor a flag, nor a number")
    }
    var end = start
    for child in mirror.children {
      let alignment = Self.layout(of: child.value).alignment
      end = (end + alignment - 1) / alignment * alignment
      let label = child.label ?? ""
      end = try add(child.value, name: name.isEmpty ? label : "\(name).\(label)", at: end, rule)
    }
    return end
  }

  private static func layout(of value: Any) -> (size: Int, alignment: Int) {
    func layout<T>(_: T.Type) -> (size: Int, alignment: Int) { (MemoryLayout<T>.size, MemoryLayout<T>.alignment) }
    return _openExistential(type(of: value), do: layout)
  }

  /// The coefficients of a step.
  struct Values: Hashable, Sendable {
    var scalars: [Base] = []
    var flags: [Bool] = []
    var numbers: [Double] = []
  }

  /// What `coefficients` hold.
  func values<Coefficients>(of coefficients: Coefficients) -> Values {
    withUnsafeBytes(of: coefficients) { bytes in
      var values = Values()
      for field in fields {
        switch field.kind {
        case .scalar: values.scalars.append(bytes.load(fromByteOffset: field.offset, as: Traced<Base>.self).value)
        case .flag: values.flags.append(bytes.load(fromByteOffset: field.offset, as: Bool.self))
        case .number: values.numbers.append(bytes.load(fromByteOffset: field.offset, as: Double.self))
        }
      }
      return values
    }
  }

  /// `coefficients` with every scalar made an input of the graph that `recorder` collects, and with its value still.
  func asInputs<Coefficients>(_ coefficients: Coefficients, of recorder: Recorder) -> Coefficients {
    var result = coefficients
    withUnsafeMutableBytes(of: &result) { bytes in
      for (k, field) in fields.filter({ $0.kind == .scalar }).enumerated() {
        let value = bytes.load(fromByteOffset: field.offset, as: Traced<Base>.self).value
        bytes.storeBytes(
          of: Traced(value: value, node: recorder.add(.coefficient(k))), toByteOffset: field.offset,
          as: Traced<Base>.self)
      }
    }
    return result
  }

  /// The names of the fields of a kind: the innermost rule's as they are, and one that occurs again with a number.
  func names(of kind: Kind) -> [String] {
    var seen: [String: Int] = [:]
    let all = fields.map { field in
      let name = String(field.name.split(separator: ".").last ?? "")
      seen[name, default: 0] += 1
      return seen[name] == 1 ? name : name + subscripted(seen[name]!)
    }
    return zip(fields, all).filter { $0.0.kind == kind }.map(\.1)
  }
}

/// `number` in subscript digits.
func subscripted(_ number: Int) -> String {
  String(String.UnicodeScalarView("\(number)".unicodeScalars.map { Unicode.Scalar($0.value - 48 + 0x2080) ?? $0 }))
}
