import Foundation
import Testing

@testable import Descent

/// Reads only those safetensors files that the format's own library also reads.
@Suite struct SafetensorsHeaderTests {
  private let path = FileManager.default.temporaryDirectory.appending(path: "\(UUID().uuidString).safetensors").path()

  private static let entry = #""a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}"#

  /// Reads a file of `header` and `dataCount` bytes; returns the reason why it is refused.
  private func problem(_ header: [UInt8], dataCount: Int = 8, length: Int? = nil) throws -> String? {
    let length = UInt64(length ?? header.count)
    let file =
      (0..<8).map { UInt8(truncatingIfNeeded: length >> (8 * $0)) } + header + [UInt8](repeating: 0, count: dataCount)
    try Data(file).write(to: URL(filePath: path))
    defer { try? FileManager.default.removeItem(atPath: path) }
    do throws(SafetensorsError) { _ = try Safetensors(path: path) } catch { return error.problem }
    return nil
  }

  @Test(arguments: [
    "{\(entry)}", " \n\t{ \(entry) } \r ", #"{"__metadata__":{"k":"v\u00e9\n\ud83d\ude00"},\#(entry)}"#,
    #"{\#(entry),"__metadata__":null}"#,
    #"{"a":{"shape":[2,1],"data_offsets":[0,8],"dtype":"F32","x":[{"y":-1.5e3}]}}"#,
    #"{"a":{"dtype":"U8","shape":[],"data_offsets":[0,1]},"b":{"dtype":"U8","shape":[7],"data_offsets":[1,8]}}"#,
    #"{"a":{"dtype":"F32","shape":[0],"data_offsets":[0,0]},"b":{"dtype":"F64","shape":[1],"data_offsets":[0,8]}}"#,
  ]) func whatTheLibraryReadsIsRead(header: String) throws { #expect(try problem(Array(header.utf8)) == nil) }

  @Test(arguments: [
    // Not JSON.
    "", "{", "{\(entry)", "{\(entry),}", "{,\(entry)}", "{\(entry)}}", "{\(entry)} x", "\u{feff}{\(entry)}",
    "[\(entry)]",
    "{\(entry)\u{0}}", #"{'a':{"dtype":"F32","shape":[2],"data_offsets":[0,8]}}"#, "{\(entry)} // end",
    #"{"a\#u{1}":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}}"#,
    #"{"\ud800":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}}"#,
    #"{"a\q":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}}"#,
    #"{"\u00g0":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}}"#,
    // Numbers that are not whole numbers of at least 0.
    #"{"a":{"dtype":"F32","shape":[2.0],"data_offsets":[0,8]}}"#,
    #"{"a":{"dtype":"F32","shape":[2e0],"data_offsets":[0,8]}}"#,
    #"{"a":{"dtype":"F32","shape":[02],"data_offsets":[0,8]}}"#,
    #"{"a":{"dtype":"F32","shape":[-2],"data_offsets":[0,8]}}"#,
    #"{"a":{"dtype":"F32","shape":["2"],"data_offsets":[0,8]}}"#,
    #"{"a":{"dtype":"F32","shape":2,"data_offsets":[0,8]}}"#,
    #"{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8.0]}}"#,
    #"{"a":{"dtype":"F32","shape":[18446744073709551618],"data_offsets":[0,8]}}"#,
    // Fields that are missing, wrong or repeated.
    #"{"a":{"dtype":"F32","shape":[2]}}"#, #"{"a":{"dtype":"F32","data_offsets":[0,8]}}"#,
    #"{"a":{"shape":[2],"data_offsets":[0,8]}}"#,
    #"{"a":{"dtype":"F32","shape":[2],"shape":[2],"data_offsets":[0,8]}}"#,
    #"{"a":{"dtype":"F32","dtype":"F32","shape":[2],"data_offsets":[0,8]}}"#, #"{"a":null}"#, #"{"a":{}}"#,
    #"{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8],"data_offsets":[0,8]}}"#,
    #"{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8,8]}}"#,
    #"{"a":{"dtype":"F32","shape":[2],"data_offsets":[8]}}"#,
    #"{"a":{"dtype":"f32","shape":[2],"data_offsets":[0,8]}}"#, #"{"a":{"dtype":4,"shape":[2],"data_offsets":[0,8]}}"#,
    #"{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8],"x":nope}}"#,
    #"{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8],"x":01}}"#,
    "{\(entry),\(entry)}",
    // Metadata that are not text.
    #"{"__metadata__":{"k":1},\#(entry)}"#, #"{"__metadata__":[],\#(entry)}"#, #"{"__metadata__":"k",\#(entry)}"#,
    #"{"__metadata__":{"k":null},\#(entry)}"#, #"{"__metadata__":{},"__metadata__":{},\#(entry)}"#,
    // Offsets with gaps or overlaps, and shapes that do not fit them.
    #"{"a":{"dtype":"F32","shape":[2],"data_offsets":[8,16]}}"#,
    #"{"a":{"dtype":"F32","shape":[2],"data_offsets":[8,0]}}"#,
    #"{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,8]}}"#,
    #"{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}"#,
    #"{"a":{"dtype":"F32","shape":[3],"data_offsets":[0,12]}}"#,
    #"{"a":{"dtype":"F32","shape":[9223372036854775807,2],"data_offsets":[0,8]}}"#,
    #"{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]},"b":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}}"#,
    #"{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]},"b":{"dtype":"U8","shape":[3],"data_offsets":[5,8]}}"#,
    "{}",
  ]) func whatTheLibraryRefusesIsRefused(header: String) throws { #expect(try problem(Array(header.utf8)) != nil) }

  @Test func bytesThatAreNoTextAreRefused() throws {
    var header = Array("{\(Self.entry)}".utf8)
    header[2] = 0xFF
    #expect(try problem(header)?.contains("UTF-8") == true)
    let nested = String(repeating: "[", count: 1_000_000)
    let deep = "{" + Self.entry.dropLast() + #","x":\#(nested)"#
    #expect(try problem(Array(deep.utf8))?.contains("deep") == true)
  }

  @Test func lengthsAreCompared() throws {
    let header = Array("{\(Self.entry)}".utf8)
    #expect(try problem(header, dataCount: 7)?.contains("truncated") == true)
    #expect(try problem(header, dataCount: 9)?.contains("after its last tensor") == true)
    #expect(try problem(header, length: header.count - 1) != nil)
    #expect(try problem(header, length: 100_000_001) != nil)
    #expect(try problem(header, length: .max) != nil)
  }

  @Test func whatIsNoFileIsRefusedAtOnce() throws {
    #expect(mkfifo(path, 0o600) == 0)
    defer { unlink(path) }
    let error = #expect(throws: SafetensorsError.self) { _ = try Safetensors(path: path) }
    #expect(error?.problem.contains("pipe") == true)
    let folder = #expect(throws: SafetensorsError.self) {
      _ = try Safetensors(path: FileManager.default.temporaryDirectory.path())
    }
    #expect(folder?.problem.contains("folder") == true)
  }

  /// A file with a hole of 2⁴⁵ bytes takes no room on the disk.
  @Test func tensorsLargerThanTheMemoryAreRefused() throws {
    let count = 1 << 45
    let header = Array(#"{"a":{"dtype":"U8","shape":[\#(count)],"data_offsets":[0,\#(count)]}}"#.utf8)
    let start = (0..<8).map { UInt8(truncatingIfNeeded: header.count >> (8 * $0)) } + header
    try Data(start).write(to: URL(filePath: path))
    defer { try? FileManager.default.removeItem(atPath: path) }
    // Some file systems do not support files with holes.
    guard truncate(path, start.count + count) == 0 else { return }
    let file = try Safetensors(path: path)
    var problem = ""
    do throws(SafetensorsError) { _ = try file.bytes(of: "a") } catch { problem = error.problem }
    #expect(problem.contains("35 TB of memory are needed"))
  }
}
