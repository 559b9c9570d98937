import Descent
import Foundation
import SwiftProtobuf

/// Writes scalars for TensorBoard, with a new event file each time a run is started or resumed.
///
/// Each record is written by one call of `write`. A killed run therefore loses at most its last record, which
/// TensorBoard skips.
final class EventWriter {
  let path: String
  private let descriptor: Int32

  /// Creates the next event file of `folder`.
  /// - Parameter resumingAt: The first step of a resumed run. Values for this and later steps in earlier files are
  ///   taken back.
  /// - Throws: ``FileError``.
  init(folder: String, resumingAt step: Int? = nil) throws(FileError) {
    // TensorBoard reads a folder's files in the order of their names, so the time must rise even if the clock went
    // back.
    let last = RunFolder.names(in: folder).compactMap(Self.time(ofFile:)).max()
    let time = max(Int(Date().timeIntervalSince1970), last.map { $0 + 1 } ?? 0)
    let digits = String(time)
    let host = ProcessInfo.processInfo.hostName.filter { $0.isLetter || $0.isNumber || $0 == "-" }
    let name = Self.prefix + String(repeating: "0", count: max(0, 10 - digits.count)) + digits + "." + host
    path = "\(folder)/\(name)"
    descriptor = open(path, O_WRONLY | O_CREAT | O_EXCL | O_APPEND | O_CLOEXEC, 0o666)
    guard descriptor >= 0 else { throw FileError(.write, path: path, code: errno) }
    try write(step: 0) { $0.fileVersion = "brain.Event:2" }
    if let step {
      try write(step: step) { $0.sessionLog = .with { $0.status = .start } }
    }
  }

  deinit { close(descriptor) }

  /// Appends the values of step `step`, each under its tag.
  func write(_ scalars: [(tag: String, value: Double)], step: Int) throws(FileError) {
    try write(step: step) { event in
      event.summary.value = scalars.map { scalar in
        .with {
          $0.tag = scalar.tag
          $0.simpleValue = Float(scalar.value)
        }
      }
    }
  }

  private func write(step: Int, _ fill: (inout TensorBoardEvent) -> Void) throws(FileError) {
    var event = TensorBoardEvent()
    event.wallTime = Date().timeIntervalSince1970
    event.step = Int64(step)
    fill(&event)
    // Serializing fails only if required fields are missing, and proto3 has no required fields.
    guard let message: [UInt8] = try? event.serializedBytes() else { return }
    let frame = RecordFrame.encode(message)
    let count = frame.withUnsafeBytes { Foundation.write(descriptor, $0.baseAddress, $0.count) }
    guard count == frame.count else { throw FileError(.write, path: path, code: count < 0 ? errno : ENOSPC) }
  }

  static let prefix = "events.out.tfevents."

  /// The time in the name of an event file of this program; nil for other names, and for the last time of ten digits.
  private static func time(ofFile name: String) -> Int? {
    guard name.hasPrefix(prefix) else { return nil }
    let digits = name.dropFirst(prefix.count).prefix { $0 != "." }
    guard digits.count == 10, let time = Int(digits), 0..<9_999_999_999 ~= time else { return nil }
    return time
  }
}
