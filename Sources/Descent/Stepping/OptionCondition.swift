/// What another option must be for an option to have an effect, as text: `rotated=true`, `hidden other than none`.
package struct OptionCondition: Hashable, Sendable, CustomStringConvertible {
  private let option, value: String
  private let isEqual: Bool

  /// The other option must be `value`.
  package static func equal(_ option: String, _ value: String) -> Self {
    Self(option: option, value: value, isEqual: true)
  }

  /// The other option must not be `value`.
  package static func other(_ option: String, than value: String) -> Self {
    Self(option: option, value: value, isEqual: false)
  }

  /// Whether options with these values meet the condition; the value is nil for an option that is not given.
  package func isMet(_ values: (String) -> String?) -> Bool { (values(option) == value) == isEqual }

  package var description: String { isEqual ? "\(option)=\(value)" : "\(option) other than \(value)" }
}
