import Foundation
import SwiftProtobuf

/// Reads the scalars of a run's event files, as TensorBoard shows them.
struct EventReader {
  struct Scalar: Hashable {
    var step: Int
    var tag: String
    var value: Double
  }

  /// The scalars in the order of their steps, without those that a resumed run took back.
  private(set) var scalars: [Scalar] = []

  /// Reads all event files of `folder`. Incomplete records and other files are skipped: a killed run may leave half a
  /// record.
  init(folder: String) {
    for name in RunFolder.names(in: folder).sorted() where name.hasPrefix(EventWriter.prefix) {
      guard let data = try? Data(contentsOf: URL(filePath: "\(folder)/\(name)")) else { continue }
      var rest = Array(data)[...]
      while let message = RecordFrame.decode(&rest), let event = try? TensorBoardEvent(serializedBytes: message) {
        guard let step = Int(exactly: event.step), 0...RunConfiguration.mostSteps ~= step else { continue }
        if event.sessionLog.status == .start { scalars.removeAll { $0.step >= step } }
        scalars += event.summary.value.map { Scalar(step: step, tag: $0.tag, value: Double($0.simpleValue)) }
      }
    }
    scalars.sort { $0.step < $1.step }
  }
}
