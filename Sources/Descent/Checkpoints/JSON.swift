/// A value of a JSON text.
enum JSON: Hashable, Codable {
  case null
  case flag(Bool)
  /// Apart from other numbers, because a `Double` has not as many digits.
  case integer(UInt64)
  case number(Double)
  case text(String)
  case list([JSON])
  case object([String: JSON])

  init(from decoder: any Decoder) throws {
    let container = try decoder.singleValueContainer()
    if container.decodeNil() {
      self = .null
    } else if let value = try? container.decode(Bool.self) {
      self = .flag(value)
    } else if let value = try? container.decode(String.self) {
      self = .text(value)
    } else if let value = try? container.decode(Double.self) {
      self = value < 0x1p53 ? .number(value) : (try? .integer(container.decode(UInt64.self))) ?? .number(value)
    } else if let value = try? container.decode([JSON].self) {
      self = .list(value)
    } else {
      self = .object(try container.decode([String: JSON].self))
    }
  }

  func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    switch self {
    case .null: try container.encodeNil()
    case .flag(let value): try container.encode(value)
    case .integer(let value): try container.encode(value)
    case .number(let value): try container.encode(value)
    case .text(let value): try container.encode(value)
    case .list(let values): try container.encode(values)
    case .object(let values): try container.encode(values)
    }
  }

  /// The value called `name`, if this is an object that has one.
  subscript(name: String) -> JSON? {
    guard case .object(let values) = self else { return nil }
    return values[name]
  }

  /// The values of a list; none if this is not a list.
  var array: [JSON] {
    guard case .list(let values) = self else { return [] }
    return values
  }
}
