import Descent
import Foundation

/// The machine that a measurement was made on.
public enum Machine {
  /// Processor, number of cores and operating system: "AMD EPYC, 2 cores, Debian GNU/Linux 12".
  public static var description: String {
    "\(processor), \(processorCount) \(processorCount == 1 ? "core" : "cores"), \(system)"
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
    return value.trimmingCharacters(in: CharacterSet(charactersIn: " \""))
  }
}
