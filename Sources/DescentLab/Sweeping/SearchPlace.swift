/// Where in a value a search function stands: its values are those of the option only where it stands for the whole of it,
/// or for the rate that a schedule scales.
struct SearchPlace: Hashable, Sendable {
  private struct Call: Hashable {
    let function: String
    /// From 0.
    var argument = 0
    /// What the argument is labelled with: `factor` in `exponential(0.1,factor=0.9)`.
    var label: String?
  }

  /// The functions that are open, the outermost first.
  private var calls: [Call] = []
  private var word = ""
  /// Whether it is a number of steps, after which something else holds: 100 in `piecewise(0.1,100:0.01)`.
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

  /// The place, with `next` behind what stands there.
  func followed(by next: Unicode.Scalar?) -> SearchPlace {
    var place = self
    place.isBeforeColon = next == ":"
    return place
  }

  /// What the numbers there are called, if the whole value is called `name`.
  func name(_ name: String) -> String {
    if isBeforeColon { return "\(name).after" }
    if let call = calls.last, let label = call.label ?? Self.label(of: call.argument, in: call.function),
      !["α", "rate", "value"].contains(label)
    {
      return "\(name).\(label)"
    }
    // 1 − a rate is not the rate, of which 1 − is.
    return calls.count { $0.function == "complement" } % 2 == 0 ? name : "1-\(name)"
  }

  /// What an argument without a label is, where it is no rate.
  private static func label(of argument: Int, in function: String) -> String? {
    switch (function, argument) {
    case ("warmup", 0): "warmup"
    case ("scaled", 1), ("shifted", 1): "by"
    default: nil
    }
  }
}
