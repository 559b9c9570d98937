/// The readers of run files and of users' texts, one by one, for tests that feed them damaged input.
package enum RunReaders {
  package static func readMetrics(_ path: String) throws { _ = try MetricsFile(path, upTo: .max) }

  package static func readEvents(in folder: String) {
    _ = EventReader(folder: folder)
  }

  /// Reads the text of an optimizer, and configures it.
  package static func readOptimizer(_ text: String) throws {
    _ = try OptimizerSpec(parsing: text).configured(for: .standard, steps: 100)
  }

  package static func readSearch(_ text: String) throws {
    let search = try SearchText(parsing: text, of: "lr")
    _ = search.filled(with: search.ranges.map { _ in "0" })
  }
}

/// The writers of the same files, as runs use them.
package enum RunWriters {
  /// Writes `configuration` as the run in `folder`.
  package static func write(_ configuration: RunConfiguration, in folder: String) throws {
    try configuration.write(to: "\(folder)/config.json")
  }

  package static func write(_ rows: [EpochMetrics], to path: String) throws {
    var file = try MetricsFile(path, upTo: 0)
    for row in rows { file.append(row) }
    try file.write()
  }

  /// Writes an event file with the loss of a few steps in `folder`, and returns its path.
  package static func writeEvents(in folder: String) throws -> String {
    let writer = try EventWriter(folder: folder, resumingAt: 2)
    for step in 0..<3 { try writer.write([(tag: "loss", value: 1 / Double(step + 1))], step: step) }
    return writer.path
  }
}
