import Descent
import Foundation

/// The machine on which a measurement was made.
public enum Machine {
  /// Processor, number of cores and operating system: "AMD EPYC, 2 cores, Debian GNU/Linux 12".
  public static var description: String {
    "\(processor), \(processorCount) \(processorCount == 1 ? "core" : "cores"), \(system)"
  }

  /// The version of the Swift on PATH, with which the package was built; nil if there is none.
  public static var swiftVersion: String? {
    let process = Process()
    process.executableURL = URL(filePath: "/usr/bin/env")
    process.arguments = ["swift", "--version"]
    let output = Pipe()
    process.standardOutput = output
    process.standardError = FileHandle.nullDevice
    guard (try? process.run()) != nil, let data = try? output.fileHandleForReading.readToEnd() else { return nil }
    process.waitUntilExit()
    return String(decoding: data, as: UTF8.self).firstMatch(of: /Swift version ([0-9.]+)/).map { String($0.1) }
  }

  /// The average number of processes that wanted a processor in the last minute.
  public static var load: Double {
    var load = 0.0
    return getloadavg(&load, 1) == 1 ? load : .nan
  }

  /// The most memory that this process has used, in bytes. Memory of a program that ran in it before does not count.
  public static var peakMemory: Int {
    #if canImport(Darwin)
      var usage = rusage()
      getrusage(RUSAGE_SELF, &usage)
      return Int(usage.ru_maxrss)
    #else
      // The number from getrusage would be at least the memory of the process that started this one.
      let kibibytes = field("VmHWM", separator: ":", of: "/proc/self/status")?.prefix { $0.isNumber }
      return 1024 * (kibibytes.flatMap { Int($0) } ?? 0)
    #endif
  }

  private static var processor: String {
    #if canImport(Darwin)
      var size = 0
      sysctlbyname("machdep.cpu.brand_string", nil, &size, nil, 0)
      var name = [CChar](repeating: 0, count: max(1, size))
      sysctlbyname("machdep.cpu.brand_string", &name, &size, nil, 0)
      return String(decoding: name.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
    #else
      return field("model name", separator: ":", of: "/proc/cpuinfo") ?? "unknown processor"
    #endif
  }

  private static var system: String {
    field("PRETTY_NAME", separator: "=", of: "/etc/os-release")
      ?? ProcessInfo.processInfo.operatingSystemVersionString
  }

  /// The value on the first line of the file that starts with `name`.
  private static func field(_ name: String, separator: Character, of path: String) -> String? {
    guard let text = try? String(contentsOfFile: path, encoding: .utf8),
      let line = text.split(separator: "\n").first(where: { $0.hasPrefix(name) }),
      let value = line.split(separator: separator, maxSplits: 1).last
    else { return nil }
    return value.trimmingCharacters(in: CharacterSet(charactersIn: " \t\""))
  }
}
