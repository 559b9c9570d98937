import Foundation

/// The folder for fetched files.
public enum CacheFolder {
  /// `$DESCENT_CACHE`, else `$XDG_CACHE_HOME/descent`, else `$HOME/.cache/descent`; on macOS
  /// `$HOME/Library/Caches/descent`.
  public static var url: URL { url(environment: ProcessInfo.processInfo.environment) }

  static func url(environment: [String: String]) -> URL {
    func folder(_ name: String) -> URL? {
      // The XDG specification: a path that is not absolute is ignored.
      environment[name].flatMap { $0.hasPrefix("/") ? URL(filePath: $0, directoryHint: .isDirectory) : nil }
    }
    if let own = environment["DESCENT_CACHE"], !own.isEmpty { return URL(filePath: own, directoryHint: .isDirectory) }
    // Foundation asks the list of users, not the environment.
    let home = folder("HOME") ?? URL.homeDirectory
    #if os(macOS)
      return home.appending(path: "Library/Caches/descent", directoryHint: .isDirectory)
    #else
      let base = folder("XDG_CACHE_HOME") ?? home.appending(path: ".cache", directoryHint: .isDirectory)
      return base.appending(path: "descent", directoryHint: .isDirectory)
    #endif
  }
}
