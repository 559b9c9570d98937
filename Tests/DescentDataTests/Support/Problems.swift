import Descent
import Testing

@testable import DescentData

/// The problem with which `body` refuses a file; nil if it refuses none.
func problem(_ body: () throws -> Void) -> FileProblem? {
  do { try body() } catch DataError.file(_, let problem) { return problem } catch {
    Issue.record("not a problem of a file: \(error)")
  }
  return nil
}

extension FileProblem {
  /// The name of the case.
  var kind: String { Mirror(reflecting: self).children.first?.label ?? "noExamples" }
}

/// The elements of a dense batch.
func dense(_ batch: Batch) throws -> [Float] {
  guard case .dense(let values, let shape) = batch.inputs else { throw Unexpected() }
  #expect(values.count == shape.reduce(1, *) && shape[0] == batch.count)
  return values
}

struct Unexpected: Error {}
