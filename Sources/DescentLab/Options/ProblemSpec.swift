import Descent
import DescentData
import DescentProblems
import Foundation

/// A problem of the catalogue by name, with options.
struct ProblemSpec {
  /// The spec as it was written, but with full names.
  let spec: OptionSpec
  let problem: any NamedProblem

  /// - Parameters:
  ///   - text: Name and options, such as `quadratic:dimension=10,condition=100`.
  ///   - dataFolder: The folder of a data set's files, for problems that are made from examples.
  /// - Throws: `OptionSpecError`, `UnknownName` or `ProblemError`.
  init(parsing text: String, dataFolder: String?) throws {
    let written = try OptionSpec(parsing: text)
    let type = try ProblemCatalogue.type(named: written.name)
    spec = try OptionSpec(name: type.name, options: written.options).resolved(against: type.options.map(\.name))
    let folder = dataFolder.map { URL(filePath: $0, directoryHint: .isDirectory) }
    problem = try ProblemCatalogue.problem(
      named: type.name, options: spec.values
    ) { data throws(ProblemError) in try Self.rows(of: data, in: folder) }
  }

  /// The training examples of a data set with two classes.
  private static func rows(of name: String, in folder: URL?) throws(ProblemError) -> LabeledRows {
    let dataset: Dataset
    do throws(DataError) { dataset = try Dataset.load(name, from: folder) } catch { throw .data("\(error)") }
    let batch = dataset.train.all()
    guard dataset.classCount == 2, case .sparse(let rows) = batch.inputs else {
      throw .data(
        "data set '\(dataset.name)' has \(dataset.classCount) classes and \(dataset.isSparse ? "sparse" : "dense") rows: "
          + "logistic regression takes sparse rows of two classes, such as a9a, w8a or libsvm:train=FILE")
    }
    return LabeledRows(rows: rows, labels: batch.labels)
  }
}
