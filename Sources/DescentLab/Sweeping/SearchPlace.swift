/// The place of a search function within an option's value.
///
/// Its values carry the option's own name only if it stands for the whole value, or for the rate that a schedule
/// scales.
struct SearchPlace: Hashable, Sendable {
  private struct Call: Hashable {
    let function: String
    /// From 0.
    var argument = 0
    /// The argument's label: `factor` in `exponential(0.1,factor=0.9)`.
    var label: String?
  }

  /// The functions whose parentheses are open, the outermost first.
  private var calls: [Call] = []
  private var word = ""
  /// Whether a colon follows, so this is a number of steps after which the rate changes: 100 in
  /// `piecewise(0.1,100:0.01)`.
  private var isBeforeColon = false

  /// Goes past a scalar that is no part of a word.
  mutating func pass(_ scalar: Unicode.Scalar) {
    switch scalar {
    case "(": calls.append(Call(function: word))
    case ")": _ = calls.popLast()
    case ",":
      if let call = calls.popLast() { calls.append(Call(function: call.function, argument: call.argument + 1)) }
    case "=" where !calls.isEmpty: calls[calls.count - 1].label = word
    default: break
    }
    if !scalar.properties.isWhitespace { word = "" }
  }

  mutating func pass(word: String) { self.word = word }

  /// This place, if the character `next` follows the search function.
  func followed(by next: Unicode.Scalar?) -> SearchPlace {
    var place = self
    place.isBeforeColon = next == ":"
    return place
  }

  /// The name of the numbers at this place, if the whole value is called `name`.
  func name(_ name: String) -> String {
    if isBeforeColon { return "\(name).after" }
    if let call = calls.last, let label = call.label ?? Self.label(of: call.argument, in: call.function),
      !["α", "rate", "value"].contains(label)
    {
      return "\(name).\(label)"
    }
    // In `complement(x)` the rate is 1 − x, so x is called `1-name`. Two complements cancel.
    return calls.count { $0.function == "complement" } % 2 == 0 ? name : "1-\(name)"
  }

  /// The label of an argument that is written without one; nil if it is a rate.
  private static func label(of argument: Int, in function: String) -> String? {
    switch (function, argument) {
    case ("warmup", 0): "warmup"
    case ("scaled", 1), ("shifted", 1): "by"
    default: nil
    }
  }
}
