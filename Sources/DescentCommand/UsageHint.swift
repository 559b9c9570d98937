import ArgumentParser
import Descent
import DescentLab

/// The end of a message about a wrong command line: what was probably meant, and where help is.
struct UsageHint {
  let text: String

  /// - Parameters:
  ///   - message: What is wrong.
  ///   - usage: The message with the usage of the command at fault.
  init(_ message: String, _ usage: String) {
    // "See 'descent sweep --help' for more information."
    let help = usage.components(between: "See '", and: "'") ?? "descent --help"
    var parts: [String] = []
    if message.hasPrefix("Missing value for"), let option = message.components(between: "'", and: " "),
      let value = Self.argument(after: option), Double(value) != nil
    {
      parts.append("a negative number is written \(option)=\(value)")
    }
    if message.hasPrefix("Unknown option '"), let option = message.components(between: "'", and: "'"),
      let hint = Self.elsewhere[Names.canonical(option)]
    {
      parts.append(hint)
    }
    if message.hasPrefix("The value '"), let value = message.components(between: "'", and: "'"),
      !value.isEmpty, value.utf8.allSatisfy({ UInt8(ascii: "0")...UInt8(ascii: "9") ~= $0 })
    {
      parts.append("the number is too large")
    }
    if let word = message.components(between: "Unexpected argument '", and: "'"),
      let near = Names.nearest(to: word, in: Self.subcommands(of: help.split(separator: " ").map(String.init)))
    {
      parts.append("did you mean '\(near)'?")
    }
    text = parts.map { "; \($0)" }.joined() + "; see \(help)"
  }

  /// What other programs have as an option, and where it is here.
  private static let elsewhere = [
    "lr": "the learning rate is the method's: --optimizer adam:lr=0.001",
    "learningrate": "the learning rate is the method's: --optimizer adam:lr=0.001",
    "momentum": "momentum is the method's: --optimizer sgd:momentum=0.9",
    "wd": "decay is --weight-decay", "decay": "decay is --weight-decay",
    "batchsize": "the examples of a batch are --batch", "bs": "the examples of a batch are --batch",
    "dataset": "the data are --data", "output": "the folder of the run is --out",
  ]

  /// The names of the subcommands of the command in `words`, such as ["descent", "sweep", "--help"].
  private static func subcommands(of words: [String]) -> [String] {
    var command: any ParsableCommand.Type = DescentCommand.self
    for word in words.dropFirst() {
      guard let next = command.configuration.subcommands.first(where: { $0._commandName == word }) else { break }
      command = next
    }
    return command.configuration.subcommands.map { $0._commandName }
  }

  private static func argument(after option: String) -> String? {
    let arguments = CommandLine.arguments
    return arguments.firstIndex(of: option).flatMap { $0 + 1 < arguments.count ? arguments[$0 + 1] : nil }
  }
}

extension String {
  /// The text between the first `start` and the next `end`.
  fileprivate func components(between start: String, and end: String) -> String? {
    guard let first = firstRange(of: start), let last = self[first.upperBound...].firstRange(of: end) else {
      return nil
    }
    return String(self[first.upperBound..<last.lowerBound])
  }
}
