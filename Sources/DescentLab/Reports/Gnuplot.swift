import Foundation

/// The gnuplot program on PATH.
enum Gnuplot {
  static var isInstalled: Bool { program != nil }

  /// Runs `script` and returns what it draws.
  static func run(_ script: String) throws(FigureError) -> [UInt8] {
    guard let program else { throw .gnuplotMissing }
    do {
      // A file rather than a pipe: with one pipe to write and another to read, a long script could block both sides.
      let file = FileManager.default.temporaryDirectory.appendingPathComponent("descent-\(UUID().uuidString).gnuplot")
      defer { try? FileManager.default.removeItem(at: file) }
      try Data(script.utf8).write(to: file)
      let process = Process()
      process.executableURL = URL(fileURLWithPath: program)
      process.arguments = [file.path]
      var environment = ProcessInfo.processInfo.environment
      // Numbers in the script have a point, whatever the user's language.
      environment["LC_NUMERIC"] = "C"
      process.environment = environment
      let (output, complaints) = (Pipe(), Pipe())
      process.standardInput = FileHandle.nullDevice
      process.standardOutput = output
      process.standardError = complaints
      try process.run()
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

  private static var program: String? {
    let path = ProcessInfo.processInfo.environment["PATH"] ?? ""
    return path.split(separator: ":").map { "\($0)/gnuplot" }.first(where: FileManager.default.isExecutableFile)
  }
}
