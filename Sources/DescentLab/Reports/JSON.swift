import Foundation

/// JSON as Descent writes it everywhere: keys are sorted, and numbers that are not finite are the strings "nan", "inf"
/// and "-inf".
package enum JSON {
  /// `value` in one line, without a line end.
  package static func line(_ value: some Encodable) -> String { String(decoding: encode(value, []), as: UTF8.self) }

  /// `value` for people to read, each key on a line of its own.
  package static func text(_ value: some Encodable) -> String {
    String(decoding: encode(value, .prettyPrinted), as: UTF8.self) + "\n"
  }

  /// The value that ``line(_:)`` or ``text(_:)`` wrote.
  package static func decode<Value: Decodable>(_ type: Value.Type, from data: Data) throws -> Value {
    let decoder = JSONDecoder()
    decoder.nonConformingFloatDecodingStrategy = .convertFromString(
      positiveInfinity: "inf", negativeInfinity: "-inf", nan: "nan")
    return try decoder.decode(type, from: data)
  }

  /// Why something could not be decoded, in words.
  static func reason(of error: any Error) -> String {
    switch error {
    case DecodingError.keyNotFound(let key, _): "'\(key.stringValue)' is missing"
    case DecodingError.typeMismatch(_, let context), DecodingError.valueNotFound(_, let context):
      "'\(context.codingPath.map(\.stringValue).joined(separator: "."))' has a value of the wrong type"
    case DecodingError.dataCorrupted(let context) where !context.codingPath.isEmpty:
      "'\(context.codingPath.map(\.stringValue).joined(separator: "."))' has a value that is not allowed"
    case DecodingError.dataCorrupted(let context) where context.debugDescription.contains("does not fit"):
      "a number is out of range (\(context.debugDescription))"
    case let error as NewerVersion: error.description
    default: "it is not JSON"
    }
  }

  private static func encode(_ value: some Encodable, _ formatting: JSONEncoder.OutputFormatting) -> Data {
    let encoder = JSONEncoder()
    encoder.outputFormatting = formatting.union([.sortedKeys, .withoutEscapingSlashes])
    encoder.nonConformingFloatEncodingStrategy = .convertToString(
      positiveInfinity: "inf", negativeInfinity: "-inf", nan: "nan")
    // Encoding fails only for values that JSON cannot hold. These values are structures of numbers and strings.
    return (try? encoder.encode(value)) ?? Data("{}".utf8)
  }
}
