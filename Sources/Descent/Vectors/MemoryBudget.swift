#if canImport(FoundationEssentials)
  import FoundationEssentials
#else
  import Foundation
#endif
#if canImport(Darwin)
  import Darwin
#elseif canImport(Musl)
  import Musl
#else
  import Glibc
#endif

/// The memory that this process may still take: what the machine has, what its control group allows, what `ulimit -v`
/// leaves.
///
/// Memory that a file or an option asks for is checked against it before it is allocated, because an allocation that
/// fails ends the process.
package enum MemoryBudget {
  /// What bounds the memory of a process.
  package enum Limit: Hashable, Sendable { case machine, controlGroup, addressSpace }

  /// Smaller amounts are not checked.
  private static let smallest = Double(1 << 26)

  /// Refuses to take `bytes` more if fewer are left.
  package static func require(_ bytes: Double) throws(MemoryShortage) {
    guard bytes > smallest else { return }
    let available = available()
    guard bytes > Double(available.bytes) else { return }
    throw MemoryShortage(needed: bytes, available: available.bytes, limit: available.limit)
  }

  /// How many bytes this process may still take, and what bounds them.
  package static func available() -> (bytes: Int, limit: Limit) {
    let (mapped, resident) = sizes
    func left(_ limit: Int, after used: Int) -> Int { max(0, limit - used) }
    var result = (bytes: left(physicalMemory, after: resident), limit: Limit.machine)
    if let limit = controlGroupLimit(groups: "/proc/self/cgroup", root: "/sys/fs/cgroup"),
      left(limit, after: resident) < result.bytes
    {
      result = (left(limit, after: resident), .controlGroup)
    }
    if let limit = addressSpaceLimit, left(limit, after: mapped) < result.bytes {
      result = (left(limit, after: mapped), .addressSpace)
    }
    return result
  }

  private static var physicalMemory: Int { Int(clamping: ProcessInfo.processInfo.physicalMemory) }

  /// The limit that `ulimit -v` has set.
  private static var addressSpaceLimit: Int? {
    var limit = rlimit()
    #if canImport(Darwin) || canImport(Musl)
      let resource = RLIMIT_AS
    #else
      let resource = __rlimit_resource_t(RLIMIT_AS.rawValue)
    #endif
    guard getrlimit(resource, &limit) == 0, limit.rlim_cur < UInt64(Int.max) else { return nil }
    return Int(limit.rlim_cur)
  }

  /// Bytes of the process's address space, and how many of them are in memory; 0 if the system does not tell.
  private static var sizes: (mapped: Int, resident: Int) {
    guard let text = try? String(contentsOfFile: "/proc/self/statm", encoding: .utf8) else { return (0, 0) }
    let pages = text.split(separator: " ").prefix(2).compactMap { Int($0) }
    guard pages.count == 2 else { return (0, 0) }
    let page = sysconf(Int32(_SC_PAGESIZE))
    return (pages[0] * page, pages[1] * page)
  }

  /// The least limit of the process's control group and of the groups around it; nil if there is none.
  ///
  /// - Parameters:
  ///   - groups: The file that names the group of each hierarchy, a line each: `number:controllers:path`.
  ///   - root: The folder of the hierarchies.
  static func controlGroupLimit(groups: String, root: String) -> Int? {
    guard let text = try? String(contentsOfFile: groups, encoding: .utf8) else { return nil }
    var limits: [Int] = []
    for line in text.split(separator: "\n") {
      let fields = line.split(separator: ":", maxSplits: 2, omittingEmptySubsequences: false)
      guard fields.count == 3 else { continue }
      let folder: String
      let file: String
      if fields[1].isEmpty {
        (folder, file) = (root, "memory.max")
      } else if fields[1].split(separator: ",").contains("memory") {
        (folder, file) = ("\(root)/memory", "memory.limit_in_bytes")
      } else {
        continue
      }
      var path = fields[2].split(separator: "/")
      while true {
        let name = ([folder] + path.map(String.init) + [file]).joined(separator: "/")
        if let text = try? String(contentsOfFile: name, encoding: .utf8),
          let limit = Int(text.prefix { $0.isASCII && $0.isNumber })
        {
          limits.append(limit)
        }
        if path.isEmpty { break }
        path.removeLast()
      }
    }
    return limits.min()
  }
}

/// Refuses a state of `byteCount` bytes if the process may not have that many.
@usableFromInline
func requireMemory(_ byteCount: Double, forStateOf rule: String) throws(RuleError) {
  do throws(MemoryShortage) { try MemoryBudget.require(byteCount) } catch {
    throw .stateTooLarge(rule: rule, error)
  }
}

/// More memory is asked for than the process may have.
public struct MemoryShortage: Error, Hashable, CustomStringConvertible {
  /// Bytes that are asked for.
  public let needed: Double
  /// Bytes that the process may still take.
  public let available: Int
  private let limit: MemoryBudget.Limit

  package init(needed: Double, available: Int, limit: MemoryBudget.Limit) {
    self.needed = needed
    self.available = available
    self.limit = limit
  }

  public var description: String {
    let left = Self.text(Double(available))
    let bound =
      switch limit {
      case .machine: "this machine has \(left) for it"
      case .controlGroup: "the limit of this process's control group leaves \(left)"
      case .addressSpace: "the limit of this shell (ulimit -v) leaves \(left)"
      }
    return "\(Self.text(needed)) of memory are needed, and \(bound)"
  }

  /// `bytes` with two digits, in a unit that makes it a number below 1000.
  package static func text(_ bytes: Double) -> String {
    let units = ["bytes", "kB", "MB", "GB", "TB", "PB"]
    var (value, unit) = (bytes, 0)
    while value >= 999.5, unit + 1 < units.count {
      value /= 1000
      unit += 1
    }
    let tenths = (value * 10).rounded() / 10
    let isShort = unit > 0 && tenths < 10
    return (isShort ? "\(tenths)" : "\(Int(clamping: Int64(exactly: value.rounded()) ?? .max))") + " " + units[unit]
  }
}
