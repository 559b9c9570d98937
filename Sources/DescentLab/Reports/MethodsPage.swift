import Descent
import DescentCatalogue
import Foundation

/// The page about all methods: paper, state, exactness, speed, options, and peers that compute the same numbers.
public struct MethodsPage: Sendable {
  /// The nanoseconds of each method for each parameter. Methods that were not timed are missing.
  public let nanoseconds: [String: Double]
  /// The number of parameters in the timed steps.
  public let parameters: Int
  public let threads: Int

  public init(nanoseconds: [String: Double], parameters: Int, threads: Int) {
    self.nanoseconds = nanoseconds
    self.parameters = parameters
    self.threads = threads
  }

  /// The page as Markdown.
  ///
  /// - Parameters:
  ///   - command: The command that made it.
  ///   - date: The date on which it was made.
  /// - Throws: `RuleError` if an element-wise method cannot be read.
  public func markdown(command: String, date: Date = Date()) throws -> String {
    var table = Table(header: ["method", "paper", "state", "ULPs", "ns", "same numbers as"])
    for method in Self.methods {
      table.add([
        "[`\(method.name)`](#\(method.name))", method.paper,
        method.stateBytesPerParameter.isNaN ? "–" : significant(method.stateBytesPerParameter, digits: 3),
        Self.ulps(of: method),
        nanoseconds[method.name].map { significant($0, digits: 3) } ?? "–",
        method.peers.joined(separator: ", "),
      ])
    }
    return """
      # Methods

      \(Self.methods.count) methods, made by `\(command)` on \(day(date)): \(Machine.description).

      - *state*: bytes for each parameter in `Float`; of a 1000 × 1000 matrix where it depends on the shape.
      - *ULPs*: how far a step may be from its equations' exact value, in units in the last place of the largest step so far; tested
        for every option in `Float` and `Double`, over 200 steps of noisy, widely scaled, sparse, constant and alternating gradients
        (`Tests/DescentCatalogueTests`).
      - *ns*: nanoseconds for each parameter and step, of \(parameters.grouped) parameters on \(threads == 1 ? "one thread" : "\(threads) threads"): a vector, or
        matrices of 1024 × 1024 for methods that see shapes; above 100 ns, of one such matrix.
        Medians: a step that renews the roots or bases of Shampoo or SOAP costs up to half a second more for such a matrix.
      - *same numbers as*: peers whose trajectory is the same, to rounding, in a test with their own output
        (`Scripts/peer-trajectories.py`).
      - Without ULPs and ns: methods that ask the objective for more than one gradient a step; those that choose the terms
        themselves take a finite sum (`descent minimize`).

      \(table.markdown())
      ## Options and equations

      The equations are those of the code, with the default options: `descent explain` prints them for all options and
      compositions.

      \(try Self.methods.map { try options(of: $0) + Self.equations(of: $0) }.joined(separator: "\n"))
      """
  }

  /// An element-wise method's step, read from its code.
  static func equations(of method: Method) throws -> String {
    guard method.kind == .element else { return "" }
    return "\n```text\n\(try Explanation(method.name).update.text())```\n"
  }

  private static let methods = Catalogue.all

  private static func ulps(of method: Method) -> String {
    guard !method.ulps.isNaN else { return "–" }
    let ulps = significant(method.ulps, digits: 4)
    return method.ulpsInDouble == method.ulps
      ? ulps : "\(ulps) (`Double`: \(significant(method.ulpsInDouble, digits: 2)))"
  }

  private func options(of method: Method) -> String {
    var text =
      "### \(method.name)\n\n\(method.summary.prefix(1).uppercased())\(method.summary.dropFirst()). \(method.paper).\n"
    guard !method.options.isEmpty else { return text }
    var table = Table(header: ["option", "default", "values", "meaning"])
    for option in method.options {
      table.add(["`\(option.name)`", option.standard, option.domain, option.summary])
    }
    text += "\n" + table.markdown()
    return text
  }
}
