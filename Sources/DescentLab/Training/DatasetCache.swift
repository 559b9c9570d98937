import Descent
import DescentData
import DescentNetworks
import Foundation

/// Data sets, each loaded once for all runs that use it.
struct DatasetCache {
  private var datasets: [String: Dataset] = [:]

  /// The data set of `name`, a text with the data set's own options and the option `whiten`.
  mutating func load(_ name: String, from folder: String?) throws -> Dataset {
    let key = "\(name)\u{0}\(folder ?? "")"
    if let dataset = datasets[key] { return dataset }
    let dataset = try Self.loaded(name, from: folder)
    datasets[key] = dataset
    return dataset
  }

  private static func loaded(_ name: String, from folder: String?) throws -> Dataset {
    let url = folder.map { URL(filePath: $0, directoryHint: .isDirectory) }
    guard var spec = try? OptionSpec(parsing: name),
      let index = spec.options.firstIndex(where: { Names.canonical($0.key) == "whiten" })
    else { return try Dataset.load(name, from: url) }
    let text = spec.options.remove(at: index).value
    guard let epsilon = Double(text), epsilon > 0, epsilon.isFinite else {
      throw RunError.invalidOption("whiten of --data", value: text, allowed: "a positive number, such as 0.1")
    }
    return try Dataset.load(spec.description, from: url).whitened(epsilon: epsilon)
  }
}

extension Dataset {
  /// The data set with every example scaled to mean 0 and deviation 1, then decorrelated by the covariance of the
  /// training examples.
  func whitened(epsilon: Double) throws -> Dataset {
    guard !isSparse else {
      throw RunError.conflict("'\(name)' has sparse rows, which whitening would fill: leave 'whiten' out")
    }
    let dimension = inputShape.reduce(1, *)
    // Memory holds the examples twice: normalized and whitened.
    do throws(MemoryShortage) {
      try MemoryBudget.require(8 * Double(train.count + test.count) * Double(dimension))
    } catch { throw RunError.mismatch("'\(name)' is too large to be whitened: \(error); leave 'whiten' out") }
    let engine = Engine(threadCount: processorCount)
    let train = train.normalizedExamples
    let whitening = try Whitening(of: train, dimension: dimension, epsilon: epsilon, engine: engine)
    return Dataset(
      name: name, classCount: classCount, classNames: classNames,
      train: Split(values: try whitening(train, engine: engine), inputShape: inputShape, labels: self.train.labels),
      test: Split(
        values: test.count == 0 ? [] : try whitening(test.normalizedExamples, engine: engine), inputShape: inputShape,
        labels: test.labels))
  }
}

extension Split {
  /// The values of all examples; each example has mean 0 and deviation 1.
  fileprivate var normalizedExamples: [Float] {
    guard case .dense(var values, _) = all().inputs else { return [] }
    let size = inputShape.reduce(1, *)
    for start in stride(from: 0, to: values.count, by: size) {
      let example = start..<start + size
      let mean = example.reduce(0.0) { $0 + Double(values[$1]) } / Double(size)
      let variance =
        example.reduce(0.0) { $0 + (Double(values[$1]) - mean) * (Double(values[$1]) - mean) } / Double(size)
      let scale = 1 / max(variance.squareRoot(), 1e-8)
      for i in example { values[i] = Float((Double(values[i]) - mean) * scale) }
    }
    return values
  }
}
