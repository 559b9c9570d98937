import Descent

/// One optimizer of a study with all that varies: a box with one dimension for each search function in its options and
/// in the options of its runs.
struct SearchSpace: Sendable {
  struct Dimension: Hashable, Sendable {
    /// The name of its values: the option's name, with an addition for a part of the option's value. Names of the
    /// model's options begin with `model.`; a second range of the same name ends with 2.
    let name: String
    /// The key under which a study's file keeps its values.
    let key: String
    let range: SearchRange
  }

  /// The optimizer's name in this study: a second one of the same name gets " (2)".
  let label: String
  let dimensions: [Dimension]
  private let draft: Draft
  private let fields: [Field]

  /// A run's configuration, with the parsed optimizer and model that its names are written from.
  private struct Draft {
    var run: RunConfiguration
    var optimizer: OptionSpec
    var model: OptionSpec
  }

  /// A value that may contain ranges, and the place in the draft where it belongs.
  private struct Field {
    let text: SearchText
    let set: @Sendable (inout Draft, String) throws(RunError) -> Void
  }

  /// The space of the optimizer of index `number` in `study`.
  /// - Throws: ``SearchError`` or `OptionSpecError`.
  init(of study: StudyConfiguration, optimizer number: Int) throws {
    let optimizer = try OptionSpec(parsing: study.optimizers[number])
    let model = try OptionSpec(parsing: study.model)
    var fields: [Field] = []
    var dimensions: [Dimension] = []
    func add(
      _ text: String?, _ name: String, _ option: String,
      _ set: @escaping @Sendable (inout Draft, String) throws(RunError) -> Void
    ) throws(SearchError) {
      guard let text else { return }
      let search = try SearchText(parsing: text, of: option)
      fields.append(Field(text: search, set: set))
      dimensions += zip(search.ranges, search.names(name)).enumerated().map { i, found in
        Dimension(name: found.1, key: i == 0 ? name : "\(name) \(i + 1)", range: found.0)
      }
    }
    for (i, option) in optimizer.options.enumerated() {
      let name = Names.full(option.key)
      try add(option.value, name, "\(name) in --optimizer") { $0.optimizer.options[i].value = $1 }
    }
    for (i, option) in model.options.enumerated() {
      try add(option.value, "model.\(option.key)", "\(option.key) in --model") { $0.model.options[i].value = $1 }
    }
    try add(study.batch, "batch", "--batch") { draft, text throws(RunError) in
      guard let size = Int(text) else { throw .invalidOption("--batch", value: text, allowed: "a whole number") }
      draft.run.batchSize = size
    }
    try add(study.weightDecay, "weight-decay", "--weight-decay") { draft, text throws(RunError) in
      draft.run.weightDecay = try Self.number(text, "--weight-decay")
    }
    try add(study.clipNorm, "clip-norm", "--clip-norm") { draft, text throws(RunError) in
      draft.run.clipNorm = try Self.number(text, "--clip-norm")
    }
    try add(study.average, "average", "--average") { $0.run.average = $1 }
    self.fields = fields
    self.dimensions = dimensions
    let run = RunConfiguration(
      data: study.data, dataFolder: study.dataFolder, model: study.model, optimizer: study.optimizers[number],
      epochs: study.epochs, seed: study.seed, threads: study.threads)
    draft = Draft(run: run, optimizer: optimizer, model: model)
    let same = study.optimizers[..<number].count { OptionSpec.name(of: $0) == optimizer.name }
    label = same == 0 ? optimizer.name : "\(optimizer.name) (\(same + 1))"
  }

  /// The run with `values`, one for each dimension.
  /// - Throws: ``RunError/invalidOption(_:value:allowed:)`` if a value that must be a number is not one.
  func configuration(_ values: [String]) throws(RunError) -> RunConfiguration {
    var draft = draft
    var rest = values[...]
    for field in fields {
      try field.set(&draft, field.text.filled(with: rest))
      rest = rest.dropFirst(field.text.ranges.count)
    }
    draft.run.optimizer = draft.optimizer.description
    draft.run.model = draft.model.description
    return draft.run
  }

  /// Combinations that are tried to check that all values can be used: one dimension near an end, the others in the
  /// middle.
  var probes: [[String]] {
    dimensions.indices.flatMap { i in
      dimensions[i].range.probes.map { probe in
        dimensions.indices.map { $0 == i ? probe : dimensions[$0].range.value(at: 0.5) }
      }
    }
  }

  private static func number(_ text: String, _ option: String) throws(RunError) -> Double {
    guard let number = Double(text) else { throw .invalidOption(option, value: text, allowed: "a number") }
    return number
  }
}
