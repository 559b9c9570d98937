import Foundation
import SwiftProtobuf

/// Reads back the scalars of a run's event files, as TensorBoard shows them.
struct EventReader {
  struct Scalar: Hashable {
    var step: Int
    var tag: String
    var value: Double
  }

  /// In the order of their steps; those that a resumed run took back are left out.
  private(set) var scalars: [Scalar] = []

  /// What is not whole, or no event file, is passed over: a killed run may leave half a record.
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
