import Foundation
import TestSupport
import Testing

@testable import DescentLab

@Suite struct EventWriterTests {
  @Test func writesRecordsThatAnIndependentDecoderReads() throws {
    let scratch = try TemporaryFolder()
    let writer = try EventWriter(folder: scratch.path)
    try writer.write([("train/loss", 0.5), ("train/accuracy", 0.25)], step: 300)
    try writer.write([("epoch/test_loss", .nan)], step: 1 << 40)
    let events = try events(in: writer.path)
    #expect(events.count == 3)
    #expect(events[0].fileVersion == "brain.Event:2")
    #expect(abs(events[0].wallTime - Date().timeIntervalSince1970) < 60)
    #expect(events[1].step == 300)
    #expect(events[1].scalars.map(\.tag) == ["train/loss", "train/accuracy"])
    #expect(events[1].scalars.map(\.value) == [0.5, 0.25])
    #expect(events[2].step == 1 << 40)
    #expect(events[2].scalars[0].value.isNaN)
  }

  @Test func aResumedRunTakesBackLaterSteps() throws {
    let scratch = try TemporaryFolder()
    let first = try EventWriter(folder: scratch.path)
    let second = try EventWriter(folder: scratch.path, resumingAt: 7)
    // TensorBoard reads files in the order of their names.
    #expect(try scratch.names() == [first.path, second.path].map { String($0.dropFirst(scratch.path.count + 1)) })
    let events = try events(in: second.path)
    #expect(events.count == 2)
    #expect(events[1].step == 7)
    #expect(events[1].sessionStatus == 1)
  }

  /// Names that do not come from a clock have no influence on the next name.
  @Test(arguments: [
    "9223372036854775807.host", "9223372036854775806.host", "99999999999.host", "9999999999.host", "-1.host", "x.host",
    "-9223372036854775808", "1.host", "",
  ])
  func otherNamesDecideNothing(_ name: String) throws {
    let scratch = try TemporaryFolder()
    try Data().write(to: URL(filePath: scratch.path + "/" + EventWriter.prefix + name))
    let writer = try EventWriter(folder: scratch.path, resumingAt: 3)
    let time = try #require(Int(writer.path.dropFirst(scratch.path.count + 1 + EventWriter.prefix.count).prefix(10)))
    #expect(abs(Double(time) - Date().timeIntervalSince1970) < 60)
  }

  @Test func scalarsComeInTheOrderOfSteps() throws {
    let scratch = try TemporaryFolder()
    let writer = try EventWriter(folder: scratch.path)
    for step in [30, 10, -1, .max, 20, .min, 10] { try writer.write([("a", Double(step % 7))], step: step) }
    #expect(EventReader(folder: scratch.path).scalars.map(\.step) == [10, 10, 20, 30])
    #expect(try RunRecord(of: scratch.path, seed: 1).firstSteps(withLoss: 7, meanOf: 2) == nil)
    let losses = try EventWriter(folder: scratch.path)
    for step in [50, 30, 40] { try losses.write([(Trainer.lossTag, 1)], step: step) }
    let record = try RunRecord(of: scratch.path, seed: 1)
    #expect(record.firstSteps(withLoss: 1, meanOf: 3) == 30...30 && record.losses.map(\.step) == [30, 40, 50])
  }

  /// Reads the bytes independently of the code that wrote them.
  private struct DecodedEvent {
    var wallTime = 0.0
    var step: UInt64 = 0
    var fileVersion: String?
    var sessionStatus: UInt64?
    var scalars: [(tag: String, value: Float)] = []
  }

  private func events(in path: String) throws -> [DecodedEvent] {
    var rest = Array(try Data(contentsOf: URL(fileURLWithPath: path)))[...]
    var events: [DecodedEvent] = []
    while !rest.isEmpty {
      let length = Int(number(rest.prefix(8)))
      #expect(UInt32(number(rest.dropFirst(8).prefix(4))) == CRC32C.masked(rest.prefix(8)))
      let data = rest.dropFirst(12).prefix(length)
      try #require(data.count == length)
      #expect(UInt32(number(rest.dropFirst(12 + length).prefix(4))) == CRC32C.masked(data))
      rest = rest.dropFirst(16 + length)
      var event = DecodedEvent()
      for (field, value) in fields(of: data) {
        switch (field, value) {
        case (1, .number(let bits)): event.wallTime = Double(bitPattern: bits)
        case (2, .number(let step)): event.step = step
        case (3, .bytes(let text)): event.fileVersion = String(decoding: text, as: UTF8.self)
        case (5, .bytes(let summary)): event.scalars += fields(of: summary).compactMap { scalar($0.value) }
        case (7, .bytes(let log)):
          if case .number(let status)? = fields(of: log).first(where: { $0.field == 1 })?.value {
            event.sessionStatus = status
          }
        default: Issue.record("unexpected field \(field)")
        }
      }
      events.append(event)
    }
    return events
  }

  private enum Value {
    case number(UInt64)
    case bytes(ArraySlice<UInt8>)
  }

  private func scalar(_ value: Value) -> (tag: String, value: Float)? {
    guard case .bytes(let bytes) = value else { return nil }
    var result = (tag: "", value: Float(0))
    for (field, value) in fields(of: bytes) {
      if field == 1, case .bytes(let tag) = value { result.tag = String(decoding: tag, as: UTF8.self) }
      if field == 2, case .number(let bits) = value { result.value = Float(bitPattern: UInt32(bits)) }
    }
    return result
  }

  /// The wire format of protocol buffers.
  private func fields(of bytes: ArraySlice<UInt8>) -> [(field: Int, value: Value)] {
    var rest = bytes
    var result: [(field: Int, value: Value)] = []
    while !rest.isEmpty {
      let key = varint(&rest)
      switch key & 7 {
      case 0: result.append((Int(key >> 3), .number(varint(&rest))))
      case 1:
        result.append((Int(key >> 3), .number(number(rest.prefix(8)))))
        rest = rest.dropFirst(8)
      case 2:
        let count = Int(varint(&rest))
        result.append((Int(key >> 3), .bytes(rest.prefix(count))))
        rest = rest.dropFirst(count)
      default:
        result.append((Int(key >> 3), .number(number(rest.prefix(4)))))
        rest = rest.dropFirst(4)
      }
    }
    return result
  }

  private func varint(_ bytes: inout ArraySlice<UInt8>) -> UInt64 {
    var result: UInt64 = 0
    var shift: UInt64 = 0
    while let byte = bytes.popFirst() {
      result |= UInt64(byte & 0x7F) << shift
      if byte < 0x80 { break }
      shift += 7
    }
    return result
  }

  private func number(_ littleEndian: ArraySlice<UInt8>) -> UInt64 {
    littleEndian.reversed().reduce(0) { $0 << 8 | UInt64($1) }
  }
}
