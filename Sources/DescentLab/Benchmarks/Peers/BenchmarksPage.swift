import Descent
import DescentNetworks
import Foundation

/// The page of the comparison: every case with its ratios, spread, target and floor.
public struct BenchmarksPage: Sendable {
  public var steps: [CaseResult] = []
  public var compositions: [CaseResult] = []
  public var trainings: [CaseResult] = []
  /// Other forms of our own work.
  public var variants: [CaseResult] = []
  public var lone: [LoneResult] = []
  public var loneVariants: [LoneResult] = []
  /// Titles and files, relative to the page.
  public var figures: [(title: String, path: String)] = []
  /// PyTorch's version, or the reason why there is none.
  public var torch: Result<String, TorchError>
  public let rounds: Int
  public let seconds: Double
  /// The average number of processes that wanted a processor before the first measurement.
  public let load: Double

  public init(torch: Result<String, TorchError>, rounds: Int, seconds: Double, load: Double = Machine.load) {
    self.load = load
    self.torch = torch
    self.rounds = rounds
    self.seconds = seconds
  }

  /// The page as Markdown.
  ///
  /// - Parameters:
  ///   - command: The command that made it.
  ///   - date: The date on which it was made.
  public func markdown(command: String, date: Date = Date()) -> String {
    let versions = [Machine.swiftVersion.map { "Swift \($0)" }, "oneDNN \(Engine.oneDNNVersion)", torchVersion]
    var parts = [
      """
      # Benchmarks

      Made by `\(command)` on \(day(date)): \(Machine.description); \(versions.compactMap(\.self).joined(separator: ", ")).

      Ours, PyTorch's and the floor are timed in turn in one process after another, \(rounds) rounds of \(significant(seconds, digits: 3)) s for each, after some
      steps to warm up. Times are medians of the rounds; ratios are medians of the rounds' own ratios, with the least and the
      greatest of them. The machine's load was \(fixed(load, digits: 2)) at the start. `DESCENT_PYTHON=… make bench` repeats it.
      """
    ]
    if case .failure(let error) = torch { parts.append("Nothing of PyTorch's was timed: \(error.description).") }
    parts += section(
      "Optimizers", steps, Self.comparisonTable(steps),
      """
      One step, in nanoseconds for each parameter of `Float`, on one thread. *PyTorch* is the fastest of its settings without
      the compiler, *compiled* is `torch.compile` of the optimizer's step; the target is for the faster of the two. The *floor*
      is the same memory traffic without arithmetic: θ, gradient and state are read, θ and state written in place.
      """)
    parts += section(
      "Rules composed", compositions, Self.floorTable(compositions),
      """
      2²⁵ parameters, one thread. Each rule with decoupled decay, clipping and an exponential average, all in its own pass,
      beside the traffic of θ, gradient, state and average. Clipping by norm reads the gradient once more, in the floor too.
      """)
    parts += section(
      "Training", trainings, Self.comparisonTable(trainings),
      """
      Loss, gradient and step of Adam on one batch of random data, in milliseconds. *PyTorch* is the fastest of its settings
      (fused Adam; channels_last for convolutions; each form of sparse rows), *compiled* is `torch.compile` of the loss. The
      *floor* is the step's matrix products and convolutions alone, by the oneDNN that we use.
      """)
    parts += section(
      "Memory and first result", lone, Self.loneTable(lone),
      """
      Each model in a process of its own: the most memory it had in use over 20 steps, in MiB, and the time from before the
      process is started to the end of its first step, in seconds. Medians of the starts.
      """)
    parts += section(
      "Other forms", variants, Self.variantsTable(variants, loneVariants),
      """
      Our own work in another form, beside its plain one: state that is stored in fewer bytes, on one thread, in nanoseconds
      for each parameter; and parameters that are stepped as soon as their gradients are complete, in milliseconds, with
      the most memory of a process that trains so, in MiB.
      """)
    if !figures.isEmpty {
      parts.append("## Scaling")
      parts += figures.map { "![\($0.title)](\($0.path))" }
    }
    let tried = Self.settingsTable(steps + trainings)
    if !tried.rows.isEmpty {
      parts.append("## PyTorch's settings")
      parts.append(
        "The shortest time of each in a short trial, in the units above; the fastest is the one compared with.")
      parts.append(tried.markdown())
    }
    return parts.map { $0.last == "\n" ? String($0.dropLast()) : $0 }.joined(separator: "\n\n") + "\n"
  }

  /// The tables as text.
  public func text() -> String {
    [
      Self.comparisonTable(steps), Self.floorTable(compositions), Self.comparisonTable(trainings), Self.loneTable(lone),
      Self.variantsTable(variants, loneVariants),
    ]
    .filter { !$0.rows.isEmpty }.map { $0.text() }.joined(separator: "\n")
  }

  private var torchVersion: String? { if case .success(let version) = torch { "PyTorch \(version)" } else { nil } }

  private func section(_ title: String, _ items: [some Any], _ table: Table, _ text: String) -> [String] {
    items.isEmpty ? [] : ["## \(title)", text, table.markdown()]
  }

  // MARK: Tables

  static func comparisonTable(_ results: [CaseResult]) -> Table {
    var table = Table(header: [
      "work", "ours", "PyTorch", "setting", "ours ÷ PyTorch", "spread", "compiled", "ours ÷ compiled", "target", "",
      "floor",
      "ours ÷ floor",
    ])
    for result in results {
      let (eager, compiled) = (result.ratio(to: .eager), result.ratio(to: .compiled))
      table.add([
        result.work.title, number(result.time(.ours)), number(result.time(.eager)), result.setting ?? "–",
        ratio(eager), eager?.spread ?? "–", number(result.time(.compiled)), ratio(compiled), target(result.work.target),
        verdict(result.isMet), number(result.time(.floor)), ratio(result.ratio(to: .floor)),
      ])
    }
    return table.withoutEmptyColumns()
  }

  static func floorTable(_ results: [CaseResult]) -> Table {
    var table = Table(header: ["rule", "ours", "floor", "ours ÷ floor", "spread", "target", ""])
    for result in results {
      let floor = result.ratio(to: .floor)
      table.add([
        result.work.title, number(result.time(.ours)), number(result.time(.floor)), ratio(floor), floor?.spread ?? "–",
        target(result.work.floorTarget), verdict(result.isMet),
      ])
    }
    return table
  }

  static func loneTable(_ results: [LoneResult]) -> Table {
    var table = Table(header: [
      "model", "MiB", "PyTorch's", "ratio", "target", "", "first step, s", "PyTorch's", "ratio", "target", "",
    ])
    for result in results {
      func seconds(_ trainings: [LoneTraining]) -> String {
        number(median(of: trainings.map(\.secondsToFirstStep)))
      }
      table.add([
        result.title, mebibytes(result.ours), mebibytes(result.theirs), ratio(result.memory), "1.00",
        verdict(result.memory.map { $0.median <= 1 }), seconds(result.ours), seconds(result.theirs),
        ratio(result.firstStep),
        "0.10", verdict(result.firstStep.map { $0.median <= 0.1 }),
      ])
    }
    return table
  }

  static func variantsTable(_ results: [CaseResult], _ lone: [LoneResult]) -> Table {
    var table = Table(header: ["work", "time", "plain", "ratio", "spread", "target", "", "MiB", "plain's"])
    for result in results {
      let ratio = result.ratio(to: .plain)
      let memory = lone.first { $0.title == result.work.title }
      table.add([
        result.work.title, number(result.time(.ours)), number(result.time(.plain)), Self.ratio(ratio),
        ratio?.spread ?? "–", target(result.work.target),
        result.work.target == nil ? "" : verdict(result.isMet), mebibytes(memory?.ours ?? []),
        mebibytes(memory?.theirs ?? []),
      ])
    }
    return table
  }

  static func settingsTable(_ results: [CaseResult]) -> Table {
    var table = Table(header: ["work", "settings", "not here"])
    for result in results where !(result.tried.isEmpty && result.refused.isEmpty) {
      let tried = result.tried.sorted { $0.value < $1.value }.map {
        "\($0.key) \(number(result.work.inUnit($0.value)))"
      }
      let refused = result.refused.sorted { $0.key < $1.key }.map { "\($0.key): \($0.value)" }
      table.add([result.work.title, tried.joined(separator: ", "), refused.joined(separator: "; ")])
    }
    return table
  }

  private static func mebibytes(_ trainings: [LoneTraining]) -> String {
    median(of: trainings.map { Double($0.peakMemory) / 0x1p20 }).map { fixed($0, digits: 0) } ?? "–"
  }
  private static func number(_ value: Double?) -> String { value.map(measured) ?? "–" }
  private static func ratio(_ ratio: Ratio?) -> String { ratio.map { Ratio.text($0.median) } ?? "–" }
  private static func target(_ target: Double?) -> String { target.map { fixed($0, digits: 2) } ?? "–" }
  private static func verdict(_ isMet: Bool?) -> String { isMet.map { $0 ? "met" : "missed" } ?? "" }
}
