import Foundation

/// The gnuplot program on PATH.
enum Gnuplot {
  static var isInstalled: Bool { program != nil }

  /// `text` as a string in a gnuplot command. Letters and spaces stay as they are; all other bytes are written as
  /// numbers, so nothing in a name can end the string or be read as a part of a command.
  static func string(_ text: String) -> String {
    var result = "\""
    for byte in text.printable().utf8 {
      switch Unicode.Scalar(byte) {
      case let plain where "a"..."z" ~= plain || "A"..."Z" ~= plain || plain == " ": result.unicodeScalars.append(plain)
      default:
        // The text of an SVG must not contain "]]>", and gnuplot does not escape it.
        if byte == UInt8(ascii: ">"), result.utf8.suffix(8).elementsEqual(#"\135\135"#.utf8) { result += " " }
        // Digits are written as numbers too: gnuplot would read a digit after a number as a part of the number.
        let digits = String(byte, radix: 8)
        result += "\\" + String(repeating: "0", count: 3 - digits.utf8.count) + digits
      }
    }
    return result + "\""
  }

  /// `text` as the label of an axis mark, in which gnuplot would read a percent sign as the start of a number format.
  static func mark(_ text: String) -> String { string(text.replacingScalars { $0 == "%" ? "%%" : nil }) }

  /// Runs `script` and returns what it draws.
  static func run(_ script: String) throws(FigureError) -> [UInt8] {
    guard let program else { throw .gnuplotMissing }
    do {
      let process = Process()
      process.executableURL = URL(fileURLWithPath: program)
      process.arguments = ["/dev/stdin"]
      var environment = ProcessInfo.processInfo.environment
      // Numbers in the script have a decimal point, whatever the user's language.
      environment["LC_NUMERIC"] = "C"
      process.environment = environment
      let (output, complaints) = (Pipe(), Pipe())
      process.standardInput = try file(holding: script)
      process.standardOutput = output
      process.standardError = complaints
      do { try process.run() } catch { throw FigureError.gnuplotFailed(reasonNotStarted(error)) }
      let drawing = try output.fileHandleForReading.readToEnd() ?? Data()
      let message = try complaints.fileHandleForReading.readToEnd() ?? Data()
      process.waitUntilExit()
      guard process.terminationStatus == 0, !drawing.isEmpty else {
        let lines = String(decoding: message, as: UTF8.self).split(whereSeparator: \.isNewline)
        throw FigureError.gnuplotFailed(lines.joined(separator: " "))
      }
      return Array(drawing)
    } catch let error as FigureError {
      throw error
    } catch {
      throw .gnuplotFailed("\(error.localizedDescription)")
    }
  }

  /// A file without a name that holds `script`. Nothing of it remains, however this process ends.
  ///
  /// It is a file rather than a pipe: with one pipe to write and another to read, a long script could block both sides.
  private static func file(holding script: String) throws -> FileHandle {
    let path = FileManager.default.temporaryDirectory.appendingPathComponent("descent-\(UUID().uuidString).gnuplot")
    try Data().write(to: path)
    let file = Result { try FileHandle(forUpdating: path) }
    try FileManager.default.removeItem(at: path)
    try file.get().write(contentsOf: Data(script.utf8))
    try file.get().seek(toOffset: 0)
    return try file.get()
  }

  private static var program: String? {
    let path = ProcessInfo.processInfo.environment["PATH"] ?? ""
    return path.split(separator: ":").map { "\($0)/gnuplot" }.first(where: FileManager.default.isExecutableFile)
  }
}
