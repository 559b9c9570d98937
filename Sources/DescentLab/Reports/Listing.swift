import Descent
import DescentCatalogue
import DescentData
import DescentNetworks
import DescentProblems
import Foundation

/// A list of what a run can use (optimizers, models, data sets, problems), for people and programs to read.
public struct Listing: Sendable {
  public struct Item: Codable, Hashable, Sendable {
    public let name: String
    public let summary: String
    /// Where it comes from.
    public let source: String?
    public let options: [Option]
    /// Further facts by name.
    public let facts: [String: String]
    /// Its cells in the table of all items, beside name and summary.
    fileprivate var columns: [String] = []

    private enum CodingKeys: CodingKey { case name, summary, source, options, facts }
  }

  public struct Option: Codable, Hashable, Sendable {
    public let name: String
    public let meaning: String
    /// The values it takes, if they are known.
    public let domain: String?
    /// Its default, if it is known.
    public let standard: String?
  }

  /// The word for an item, for messages.
  private let kind: String
  /// The table's further columns, beside name and summary.
  private var header: [String] = []
  /// A text that holds for every item and follows its options.
  private var footer = ""
  public let items: [Item]

  public var names: [String] { items.map(\.name) }

  public static let optimizers = Listing(
    kind: "optimizer", header: ["bytes", "paper"],
    footer: """

      Optimizers that step with a gradient also take lookahead=k and lookaheadRate=α (Lookahead, unless it is excluded
      above), centralize=true (gradient centralization), penalty=λ (of the L2 norm: λ θ is added to the gradient) and
      adaptiveClip=λ (adaptive gradient clipping), and sam=r or asam=r (each gradient at the worst point within r, of
      the same batch); those that step every element for itself take clip=c (each element of the gradient within
      [−c, c]); methods for finite sums take none of these. adadelta, adagrad, adam, adamw, amsgrad, momentum and
      rmsprop take state=block8 or state=bfloat16 (their state in 8 or 16 bits a number). A schedule is one of:
        \(Schedule.forms.dropFirst().joined(separator: "\n  "))

      """,
    items: Catalogue.all.map { method in
      Item(
        name: method.name, summary: method.summary, source: method.paper,
        options: method.options.map {
          Option(name: $0.name, meaning: $0.summary, domain: $0.domain, standard: $0.standard)
        },
        facts: facts(of: method),
        columns: [shortStateBytes(method), method.paper])
    })

  public static let models = Listing(
    kind: "model",
    items: ModelCatalogue.entries.map { model in
      Item(
        name: model.name, summary: model.summary, source: model.paper,
        options: model.options.map { Option(name: $0.name, meaning: $0.meaning, domain: nil, standard: nil) },
        facts: ["sparse input": model.takesSparseInput ? "yes" : "no"])
    })

  public static let data = Listing(
    kind: "data set",
    footer: """

      Data sets of dense rows also take whiten=ε: every example is brought to mean 0 and deviation 1, then all are
      decorrelated (ZCA) with ε added to the variance in each direction, for example cifar10:whiten=0.1.

      """,
    items: Dataset.available.map { data in
      Item(
        name: data.name, summary: data.summary, source: data.source,
        options: data.options.map { text in
          let parts = text.split(separator: ":", maxSplits: 1).map(String.init)
          let sides = parts[0].split(separator: "=", maxSplits: 1).map(String.init)
          return Option(
            name: sides[0], meaning: parts.count > 1 ? String(parts[1].drop(while: \.isWhitespace)) : "", domain: nil,
            standard: sides.count > 1 ? sides[1] : nil)
        }, facts: ["size": data.size, "license": data.license, "fetch": data.isFetchable ? "yes" : "no"])
    })

  private static func facts(of method: Method) -> [String: String] {
    var facts = ["state": "\(stateBytes(method)) bytes a parameter", "steps": "\(method.kind)"]
    // Methods for finite sums have no bound in ULPs.
    if !method.ulps.isNaN { facts["exact"] = "within \(significant(method.ulps, digits: 4)) ULPs" }
    if !method.peers.isEmpty { facts["same numbers"] = method.peers.joined(separator: ", ") }
    // What the method needs besides a gradient, and what it cannot be combined with.
    if !method.needs.isEmpty { facts["needs"] = method.needs.map(\.summary).sorted().joined(separator: ", ") }
    for settings in Catalogue.choosingOptions[method.name] ?? [] {
      guard let chosen = try? Catalogue.method(named: method.name, settings: settings).method else { continue }
      let options = settings.map { "\($0.name)=\($0.value)" }.joined(separator: ",")
      facts["with \(settings.last?.name ?? "")"] = "\(method.name):\(options) is \(chosen.name)"
    }
    if let obstacle = method.obstacleToMoving {
      facts["no lookahead, no decay between steps"] = obstacle
    } else if let obstacle = method.obstacleToLookahead {
      facts["no lookahead"] = obstacle
    }
    return facts
  }

  /// The bytes of state that `method` keeps for each parameter. If they depend on the shape, a 1000 × 1000 matrix
  /// counts.
  private static func stateBytes(_ method: Method) -> String {
    let bytes = method.stateBytesPerParameter
    if bytes.isNaN { return "a few times the number of terms" }
    return bytes == bytes.rounded() ? "\(Int(bytes))" : "\(significant(bytes, digits: 3)) (of a 1000 × 1000 matrix)"
  }

  public static let problems = Listing(
    kind: "problem",
    items: ProblemCatalogue.problems.map { type in
      Item(
        name: type.name, summary: type.summary, source: type.source,
        options: type.options.map {
          Option(name: $0.name, meaning: $0.meaning, domain: $0.domain, standard: $0.standard)
        }, facts: facts(of: type))
    })

  /// The known facts about a problem with default options.
  private static func facts(of type: any NamedProblem.Type) -> [String: String] {
    guard let problem = try? ProblemCatalogue.problem(named: type.name) else { return [:] }
    func text(_ value: Double) -> String { significant(value, digits: 6) }
    var facts = ["variables": "\(problem.dimension)", "start": pointText(problem.start)]
    if let minimum = problem.minimum {
      let points = problem.minimizers.map { pointText($0) }.joined(separator: ", ")
      facts["minimum"] = "\(text(minimum)) at \(points)"
    }
    if let range = problem.feasible { facts["feasible"] = "\(text(range.lowerBound)) to \(text(range.upperBound))" }
    if let smoothness = problem.smoothness { facts["L"] = text(smoothness) }
    if let μ = problem.plConstant { facts["μ"] = text(μ) }
    return facts
  }

  private static func shortStateBytes(_ method: Method) -> String {
    let bytes = method.stateBytesPerParameter
    return bytes.isNaN ? "–" : significant(bytes, digits: 2)
  }

  /// A table of all items.
  ///
  /// - Parameter width: The largest width of a line; nil for lines of any length.
  public func text(width: Int? = nil) -> String {
    var table = Table(header: ["name"] + header + [kind])
    for item in items { table.add([item.name] + item.columns + [item.summary]) }
    return table.text(width: width)
  }

  /// All facts about the item `name`.
  /// - Throws: ``RunError/unknown(_:_:known:)``.
  public func text(_ name: String, width: Int? = nil) throws(UnknownName) -> String {
    let item = try item(name)
    var text = "\(item.name): \(item.summary)\n"
    if let source = item.source { text += "source: \(source)\n" }
    for (fact, value) in item.facts.sorted(by: { $0.key < $1.key }) { text += "\(fact): \(value)\n" }
    guard !item.options.isEmpty else { return text }
    var table = Table(header: ["option", "default", "values", "meaning"])
    for option in item.options { table.add([option.name, option.standard ?? "", option.domain ?? "", option.meaning]) }
    return text + "\n" + table.text(width: width) + footer
  }

  /// All items as a JSON array.
  public func json() -> String { JSON.text(items) }

  /// The item `name` as a JSON object.
  public func json(_ name: String) throws(UnknownName) -> String { JSON.text(try item(name)) }

  private func item(_ name: String) throws(UnknownName) -> Item {
    try Names.find(name, in: items, kind: kind, named: \.name)
  }
}
