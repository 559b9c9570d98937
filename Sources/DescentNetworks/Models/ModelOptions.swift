import Descent

/// Options of a ready-made model by name, written as on a command line: `hidden=500-300`, `dropout=0.5`.
struct ModelOptions {
  let model: String
  private var values: [String: String]

  static let initializerOption = (
    name: "init",
    meaning:
      "first weights: he, heuniform, glorot, glorotuniform, faninuniform, sparse, or a normal's deviation (he with relu, else glorotuniform)"
  )

  init(_ values: [String: String], model: String, known: [String]) throws(NetworkError) {
    self.model = model
    self.values = values
    if let name = values.keys.sorted().first(where: { !known.contains($0) }) {
      throw .unknown(UnknownName(name, kind: "option", of: model, known: known))
    }
  }

  /// A whole number in `range`.
  func integer(_ name: String, default value: Int, in range: ClosedRange<Int>) throws(NetworkError) -> Int {
    guard let text = values[name] else { return value }
    guard let number = Int(text), range.contains(number) else {
      throw refusal(name, text, "a whole number in \(range.lowerBound)...\(range.upperBound)")
    }
    return number
  }

  /// A probability below 1.
  func rate(_ name: String, default value: Double) throws(NetworkError) -> Double {
    guard let text = values[name] else { return value }
    guard let number = Double(text), (0..<1).contains(number) else { throw refusal(name, text, "a number in 0..<1") }
    return number
  }

  /// Sizes of layers, joined by hyphens; `none` for no layer.
  func sizes(_ name: String, default sizes: [Int]) throws(NetworkError) -> [Int] {
    guard let text = values[name] else { return sizes }
    if text == "none" { return [] }
    let numbers = text.split(separator: "-", omittingEmptySubsequences: false).map { Int($0) ?? 0 }
    guard numbers.allSatisfy({ (1...Dense.mostUnits).contains($0) }), numbers.count <= 1000 else {
      throw refusal(
        name, text,
        "at most 1000 whole numbers from 1 to \(Dense.mostUnits), joined by hyphens, for example 500-300")
    }
    return numbers
  }

  func activation(_ name: String, default activation: Activation) throws(NetworkError) -> Activation {
    try choice(name, default: activation)
  }

  /// One of `choices`.
  func choice<Choice: RawRepresentable & CaseIterable>(
    _ name: String, default choice: Choice
  ) throws(NetworkError) -> Choice where Choice.RawValue == String {
    guard let text = values[name] else { return choice }
    guard let choice = Choice(rawValue: text) else {
      throw refusal(name, text, "one of " + Choice.allCases.map(\.rawValue).joined(separator: ", "))
    }
    return choice
  }

  /// How weights are drawn: by a rule's name, or by a normal distribution's standard deviation; nil if not given.
  func initializer(_ name: String) throws(NetworkError) -> Initializer? {
    guard let text = values[name] else { return nil }
    if let deviation = Double(text), deviation > 0, deviation.isFinite { return .normal(deviation: deviation) }
    switch text {
    case "he": return .heNormal
    case "heuniform": return .heUniform
    case "glorot": return .glorotNormal
    case "glorotuniform": return .glorotUniform
    case "faninuniform": return .fanInUniform
    case "sparse": return .sparse()
    default:
      throw refusal(
        name, text,
        "one of he, heuniform, glorot, glorotuniform, faninuniform, sparse, or a positive number: the deviation of a normal"
      )
    }
  }

  private func refusal(_ name: String, _ text: String, _ range: String) -> NetworkError {
    .option(owner: model, name: name, value: text, range: range)
  }
}
