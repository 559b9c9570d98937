import Descent

/// The problems by name.
public enum ProblemCatalogue {
  /// All problems.
  public static let problems: [any NamedProblem.Type] = [
    Quadratic.self, Rosenbrock.self, Beale.self, Himmelblau.self, StyblinskiTang.self, Rastrigin.self,
    SquareAndSine.self, SineValley.self, LeastSquares.self, DiffGradFunction.self, LogisticRegression.self,
    ReddiOnline.self, ReddiStochastic.self, SparseOnline.self, SparseNoise.self,
  ]

  /// The type of the problem called `name`.
  /// - Throws: ``UnknownName``.
  public static func type(named name: String) throws(UnknownName) -> any NamedProblem.Type {
    try Names.find(name, in: problems, kind: "problem") { $0.name }
  }

  /// Makes the problem called `name`.
  ///
  /// - Parameters:
  ///   - name: One of the problems' names.
  ///   - options: By name, as the problem lists them.
  ///   - rows: Finds data sets by name, for problems that are made of examples.
  /// - Throws: ``ProblemError``, which names the problem or option, or the error that `rows` throws.
  public static func problem(
    named name: String, options: [String: String] = [:], rows: RowSource? = nil
  ) throws(ProblemError) -> any NamedProblem {
    let type: any NamedProblem.Type
    do throws(UnknownName) { type = try self.type(named: name) } catch { throw .unknown(error) }
    return try type.init(ProblemOptions(of: type, options, rows: rows))
  }
}

/// Examples of two classes.
public struct LabeledRows: Sendable {
  /// One example in each row.
  public var rows: SparseRows
  /// The class of each example, 0 or 1.
  public var labels: [Int32]

  public init(rows: SparseRows, labels: [Int32]) {
    self.rows = rows
    self.labels = labels
  }
}

/// Finds the examples of a data set by name; throws ``ProblemError/data(_:)`` if it cannot.
public typealias RowSource = @Sendable (_ name: String) throws(ProblemError) -> LabeledRows
